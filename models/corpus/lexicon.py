"""Every word that copy of the corpus can be made of, pointers aside: a draft of a pointer model with another
word has misspelt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from models.brief.brief import TONES
from models.brief.render import lexicon_entries
from models.corpus.languages import Lists, lists_of

_WORD = re.compile(r"\{(\w+)\}")
_AGREE = re.compile(r"\[([^|\]]*)\|([^|\]]*)\|([^|\]]*)\]")
_SPELLING = re.compile(r"([\w-]+)~([\w-]+)")


def lexicon(languages: Sequence[str]) -> list[str]:
    """Lexicon entries of `languages`, sorted. Neighbours matter in Chinese, so every word is tried in every
    place of every pattern."""
    return sorted(
        {
            entry
            for language in languages
            for text in _texts(lists_of(language))
            for entry in lexicon_entries(text, language)
        }
    )


def _texts(lists: Lists) -> Iterator[str]:
    """Each pattern with each word in each of its places, the other places left open."""
    words = {f"i{name}": words for name, words in _domain_words(lists).items()} | _domain_words(lists)
    words["mood"] = [word for tone in TONES for word in lists.others["mood"][tone]]
    words["amood"] = [f"{article} {word}" for word in words["mood"] for article in ("a", "an")]
    for patterns in lists.patterns.values():
        for pattern in patterns:
            for text in _forms(pattern.text):
                places = list(_WORD.finditer(text))
                if not places:
                    yield text
                for place in places:
                    for word in words[place.group(1).lower().rstrip("2")]:
                        yield from _spelt(
                            _WORD.sub(" ", f"{text[: place.start()]}{word}{text[place.end() :]}")
                        )


def _domain_words(lists: Lists) -> dict[str, list[str]]:
    names = {"for": "for_", "do": "do", "where": "where"}
    return {
        name: [word for domain in lists.domains.values() for word in domain[key]]
        for name, key in names.items()
    }


def _forms(text: str) -> Iterator[str]:
    """A pattern as each grammatical number reads."""
    for number in (1, 2, 3) if _AGREE.search(text) else (1,):
        yield from _spelt(_AGREE.sub(lambda match, number=number: match.group(number), text))  # type: ignore[misc]


def _spelt(text: str) -> Iterator[str]:
    """A text in American and in British spelling."""
    for spelling in (1, 2) if _SPELLING.search(text) else (1,):
        yield _SPELLING.sub(lambda match, spelling=spelling: match.group(spelling), text)  # type: ignore[misc]
