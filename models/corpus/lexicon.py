"""Every word and every sentence that copy of the corpus can be made of, pointers aside: a draft of a pointer
model with another word has misspelt, another sentence of one that learnt from nothing else is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from models.brief.render import lexicon_entries, line_entry
from models.corpus.languages import Lists, lists_of
from models.text.sentences import sentences_of

_AGREE = re.compile(r"\[([^|\]]*)\|([^|\]]*)\|([^|\]]*)\]")
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
    """Each sentence that copy of the corpus can be made of, in each of its forms, as `line_entry` writes
    it; sorted."""
    return sorted(
        {
            line_entry(sentence, language)
            for language in languages
            for text in _texts(lists_of(language))
            for form in _forms(text)
            for sentence in sentences_of(form)
        }
    )


def _texts(lists: Lists) -> Iterator[str]:
    """Each pattern in each of its forms."""
    for patterns in lists.patterns.values():
        for pattern in patterns:
            yield from _forms(pattern.text)


def _forms(text: str) -> Iterator[str]:
    """A pattern as each grammatical number reads."""
    for number in (1, 2, 3) if _AGREE.search(text) else (1,):
        yield from _spelt(_AGREE.sub(lambda match, number=number: match.group(number), text))  # type: ignore[misc]


def _spelt(text: str) -> Iterator[str]:
    """A text in American and in British spelling."""
    for spelling in (1, 2) if _SPELLING.search(text) else (1,):
        yield _SPELLING.sub(lambda match, spelling=spelling: match.group(spelling), text)  # type: ignore[misc]
