"""Every word and every sentence that copy of the corpus can be made of, pointers aside: a draft of a pointer
model with another word has misspelt, another sentence of one that learnt from nothing else is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from models.brief.render import lexicon_entries, line_entry
from models.corpus.languages import Lists, lists_of

_AGREE = re.compile(r"\[([^|\]]*)\|([^|\]]*)\|([^|\]]*)\]")
NUMBERS: Final = ("sg", "pl", "mass")
_SPELLING = re.compile(r"([\w-]+)~([\w-]+)")


def lexicon(languages: Sequence[str]) -> list[str]:
    """Lexicon entries of `languages`, sorted."""
    return sorted(
        {
            entry
            for language in languages
            for text in _texts(lists_of(language))
            for entry in lexicon_entries(text, language)
        }
    )


def known_lines(languages: Sequence[str]) -> list[str]:
    """Each line that copy of the corpus can be made of, in each of its forms, as `line_entry` writes it;
    sorted."""
    return sorted(
        {
            line_entry(form, language, number)
            for language in languages
            for patterns in lists_of(language).patterns.values()
            for pattern in patterns
            for number, form in _agreed(pattern.text)
        }
    )


def _texts(lists: Lists) -> Iterator[str]:
    """Each pattern in each of its forms."""
    for patterns in lists.patterns.values():
        for pattern in patterns:
            yield from _forms(pattern.text)


def _forms(text: str) -> Iterator[str]:
    """A pattern as each grammatical number reads."""
    return (form for _, form in _agreed(text))


def _agreed(text: str) -> Iterator[tuple[str, str]]:
    """The same with the number; "" where a pattern reads alike for all."""
    for group, number in enumerate(NUMBERS if _AGREE.search(text) else ("",), 1):
        agreed = _AGREE.sub(lambda match, group=group: match.group(group), text)  # type: ignore[misc]
        for form in _spelt(agreed):
            yield number, form


def _spelt(text: str) -> Iterator[str]:
    """A text in American and in British spelling."""
    for spelling in (1, 2) if _SPELLING.search(text) else (1,):
        yield _SPELLING.sub(lambda match, spelling=spelling: match.group(spelling), text)  # type: ignore[misc]
