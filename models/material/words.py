"""Words of captions, file names and titles, compared as they are: no language is assumed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

import regex

from models.text.normalise import fold_text

_WORD: Final = regex.compile(r"\p{Han}+|[\p{L}\p{M}--\p{Han}]+", regex.V1)
_HAN: Final = regex.compile(r"\p{Han}")
_LEAST: Final = 3
"""Letters below which a word says nothing of a thing."""
_ENDING: Final = 2
"""Letters that an ending may add: shoe, shoes; Schuh, Schuhe."""
_STEM: Final = 4


def picture_words_of(text: str) -> list[str]:
    """Folded words of three letters and more, each once, in their order; of Chinese each pair of
    characters."""
    found: list[str] = []
    for match in _WORD.finditer(fold_text(text)):
        word = match[0]
        if _HAN.match(word):
            found += [word[n : n + 2] for n in range(max(1, len(word) - 1))]
        elif len(word) >= _LEAST:
            found.append(word)
    return list(dict.fromkeys(found))


def words_of_address(url: str) -> str:
    """What the file name at an address says, as words: `/p/red-shoe_2.jpg` is red shoe."""
    stem = PurePosixPath(unquote(urlsplit(url).path)).stem
    return " ".join(match[0] for match in _WORD.finditer(stem))


def common(these: Iterable[str], those: Iterable[str]) -> list[str]:
    """Those of the first words that stand among the others too, whatever their endings."""
    others = list(those)
    return [word for word in these if any(_same(word, each) for each in others)]


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= _STEM and len(long) - len(short) <= _ENDING and long.startswith(short)
