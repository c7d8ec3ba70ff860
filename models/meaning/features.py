"""A sentence as hashed features: its words, their neighbours near and less near, the letters inside them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np

from models.arrays import IntArray
from models.text.scripts import is_unspaced

BUCKETS: Final = 1 << 20
AIDS: Final = 1 << 19
"""Buckets from here on hold letters inside words and pairs of words with others between them: they help
where a word is new, and count half beside words and neighbours."""
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[!?]")
_LETTERS_TOGETHER: Final = 5
_SHORTEST_SPLIT: Final = 4
_WORDS_A_STEP: Final = 3
_MOST_STEPS: Final = 6
_APART: Final = (2, 3)


def meaning_features(folded: str) -> IntArray:
    """The buckets of a folded text, sorted and each once, int64 (k,): words, pairs of neighbours and of words
    that stand one or two words apart, the letter 5-grams of each word, and a coarse length; a character of a
    script without spaces is a word."""
    words = [word for run in _WORD.findall(folded) for word in (run if is_unspaced(run[0]) else (run,))]
    found = {_bucket(f"l{min(len(words) // _WORDS_A_STEP, _MOST_STEPS)}")}
    for word in words:
        found.update(_of_word(word))
    edged = ["<", *words, ">"]
    found.update(_bucket(f"n{one} {next_one}") for one, next_one in pairwise(edged))
    for apart in _APART:
        found.update(_aid(f"s{apart}{one} {other}") for one, other in zip(words, words[apart:], strict=False))
    return np.array(sorted(found), np.int64)


@lru_cache(maxsize=16_384)  # texts repeat their words
def _of_word(word: str) -> tuple[int, ...]:
    whole = _bucket("w" + word)
    if len(word) < _SHORTEST_SPLIT:
        return (whole,)
    edged = f"<{word}>"
    inside = (edged[at : at + _LETTERS_TOGETHER] for at in range(len(edged) - _LETTERS_TOGETHER + 1))
    return whole, *(_aid("c" + letters) for letters in inside)


def _bucket(feature: str) -> int:
    return crc32(feature.encode()) % AIDS


def _aid(feature: str) -> int:
    return AIDS + crc32(feature.encode()) % (BUCKETS - AIDS)
