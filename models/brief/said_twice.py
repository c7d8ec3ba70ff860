"""What a sentence with pointers says that no other sentence of the same ad may say again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from models.text.sentences import sentences_of

NAMES: Final = ("noun", "anoun", "nouns")
NAMING: Final = frozenset((*NAMES, "title", "short"))
"""Pointers at the item."""
_POINTER: Final = re.compile(r"<(\w+)>")
_LONG_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_FIRST_WORD: Final = re.compile(r"^[^\W\d_]{3,}")
_PAIR: Final = re.compile(r"(?=([\u4e00-\u9fff]{2}))")


def said_in(sentence: str, language: str, first: bool) -> set[str]:
    """Prices, savings, brand and facts it points at, its first word, words that carry meaning (in Chinese two
    characters in a row), and that it names the item: once in the headline, `first`, once after it."""
    own = {f"name {not first}" if slot in NAMING else f"<{slot}>" for slot in _POINTER.findall(sentence)}
    bare = _POINTER.sub(" ", sentence).casefold()
    if language == "zh":
        return own | set(_PAIR.findall(bare))
    return own | set(_LONG_WORD.findall(bare)) | {f"^{word}" for word in _FIRST_WORD.findall(bare)}


def says_twice(fields: Sequence[str], language: str) -> bool:
    """Whether two sentences of a copy say the same: an ad that repeats itself is not run."""
    sentences = [each for field in fields for each in sentences_of(field)]
    seen: set[str] = set()
    for number, sentence in enumerate(sentences):
        own = said_in(sentence, language, number == 0)
        if own & seen:
            return True
        seen |= own
    return False
