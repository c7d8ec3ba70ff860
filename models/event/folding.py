"""A text in the letters that words are compared in, before a kernel reads it: one case, no accents, and where
words are written without spaces, every two neighbouring characters as a word."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from models.text.scripts import UNSPACED

_ACCENTS: Final = re.compile(r"[\u0300-\u036f]")
_WHOLE_LETTERS: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
"""Latin letters that Unicode does not take for one with an accent."""
_SOUTH_EAST: Final = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese, Khmer."""
_MARKS: Final = r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3"
"""Vowels and tones of these that stand on a letter."""
_RUN: Final = re.compile(rf"(?:(?=[{UNSPACED}{_SOUTH_EAST}])[\w{_MARKS}])+")
_LETTER: Final = re.compile(rf".[{_MARKS}]*", re.S)


def folded_words(text: str) -> str:
    """`text` as its words are hashed. Plain ASCII stays as it is: the kernel lowers it."""
    if text.isascii():
        return text
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold().translate(_WHOLE_LETTERS)
    return _RUN.sub(_pairs, "".join(map(_letter, unicodedata.normalize("NFC", plain))))


def _letter(char: str) -> str:
    """Signs that stand in no word part words: dashes, quotation marks and symbols of any script; a curved
    apostrophe is the plain one, what is not seen is not there."""
    if char.isascii() or char.isalnum():
        return char
    if char == "\u2019":
        return "'"
    category = unicodedata.category(char)
    return "" if category == "Cf" else " " if category[0] in "PSZC" else char


def _pairs(run: re.Match[str]) -> str:
    """A run of characters as its pairs, a single one as itself, with spaces around."""
    characters = _LETTER.findall(run[0])
    pairs = ["".join(characters[i : i + 2]) for i in range(len(characters) - 1)] or characters
    return f" {' '.join(pairs)} "
