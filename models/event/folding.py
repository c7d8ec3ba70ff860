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
_RUN: Final = re.compile(rf"(?:(?=[{UNSPACED}{_SOUTH_EAST}])\w)+")


def folded_words(text: str) -> str:
    """`text` as its words are hashed. Plain ASCII stays as it is: the kernel lowers it."""
    if text.isascii():
        return text
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold().translate(_WHOLE_LETTERS)
    return _RUN.sub(_pairs, unicodedata.normalize("NFC", plain))


def _pairs(run: re.Match[str]) -> str:
    """A run of characters as its pairs, a single one as itself, with spaces around."""
    characters = run[0]
    pairs = [characters[i : i + 2] for i in range(len(characters) - 1)] or [characters]
    return f" {' '.join(pairs)} "
