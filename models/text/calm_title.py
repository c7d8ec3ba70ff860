"""A title all in capitals as an ad may say it: in sentence case, with acronyms, part numbers and brands as
they are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import regex

_WORD: Final = regex.compile("[\\p{L}\\p{M}\u200c\u200d'’]+")
_LETTER_RUN: Final = regex.compile(r"[\p{L}\p{N}'’-]+")
_SENTENCE: Final = regex.compile(r"[.!?]+\s+|\n")
_VOWEL: Final = regex.compile(r"[AEIOUYÄÖÜÅÆØÉÈÊÁÀÂÓÒÔÍÚ]")
_SHORTEST_SHOUT: Final = 2
_ACRONYM_WORDS: Final = (
    "LED OLED USB ABS EVA UV DIY GPS USA UK EU UN AI XL XXL LP EP CD DVD TV PC PVC TPE NATO RGB AAA IPA ISO"
    " DIN ASA VR AC DC HIFI WIFI EAN ISBN OEM SKU"
)
_ACRONYMS: Final = frozenset(_ACRONYM_WORDS.split())
_NOUNS_WITH_CAPITALS: Final = frozenset({"de", "lb"})
_DOTLESS: Final = frozenset({"tr", "az"})
"""Languages where the small letter of I may have no dot: nobody can tell which."""


@lru_cache(maxsize=4096)
def calm_title(title: str, brand: str, language: str, elsewhere: str = "") -> str:
    """`title` in sentence case where all its words are in capitals, in German each word with one, as there a
    noun has. Words of the brand, acronyms, what holds a figure, what has no vowel, and what `elsewhere`
    (other text of the row) writes in capitals stay."""
    words = _WORD.findall(title)
    if language in _DOTLESS or not _shouts(words):
        return title
    written = _as_written([*_WORD.findall(brand), *_inside(elsewhere)])
    first = True

    def said(match: regex.Match[str]) -> str:
        nonlocal first
        run = match.group()
        parts = [_said(part, written) for part in run.split("-")] if not _holds_figure(run) else [run]
        calm = "-".join(parts)
        if calm[:1].islower() and (first or language in _NOUNS_WITH_CAPITALS):
            calm = calm[:1].upper() + calm[1:]
        first = False
        return calm

    return str(_LETTER_RUN.sub(said, title))


def _shouts(words: Iterable[str]) -> bool:
    """Whether words are in capitals, units aside, and one of them is long enough to shout. One word alone, be
    it among words of a script without capitals, is a name."""
    cased = [word for word in words if word.lower() != word.upper()]
    long = [word for word in cased if len(word) > 2]
    return len(cased) >= _SHORTEST_SHOUT and bool(long) and all(word.isupper() for word in long)


def _holds_figure(run: str) -> bool:
    return any(char.isnumeric() for char in run)


def _said(word: str, written: dict[str, str]) -> str:
    if word in written:
        return written[word]
    kept = word in _ACRONYMS or len(word) < 2 or _VOWEL.search(word) is None
    return word if kept else word.lower()


def _inside(text: str) -> Iterable[str]:
    """Words of a text but the first of each sentence, whose capital says nothing of the word; those that have
    another one inside all the same."""
    for sentence in _SENTENCE.split(text):
        first, *others = _WORD.findall(sentence) or [""]
        yield from others
        if first[1:] != first[1:].lower():
            yield first


def _as_written(words: Iterable[str]) -> dict[str, str]:
    """Words by their capitals, as they are written first."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(word.upper(), word)
    return found
