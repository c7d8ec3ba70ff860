"""Scripts that put no space between words, and words in a text that mixes them with others."""

from __future__ import annotations

import re
from typing import Final

UNSPACED: Final = (
    "\u2e80-\u2fdf\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
)
"""Chinese, Japanese and Korean characters and their punctuation, for a character class."""
_CHARACTER = re.compile(rf"[{UNSPACED}]")
_UNSPACED_LETTER = rf"(?:(?=[{UNSPACED}])[^\W\d_])"
_LETTER = rf"(?:(?![{UNSPACED}])[^\W\d_])"
WORD_PATTERN: Final = re.compile(rf"{_UNSPACED_LETTER}+|{_LETTER}+(?:['’-]{_LETTER}+)*")
"""A word of a spaced script with its apostrophes and hyphens, or a run of an unspaced one."""
LETTERS: Final = re.compile(rf"{_UNSPACED_LETTER}+|{_LETTER}+")
"""The same without joining at apostrophes and hyphens."""


def is_unspaced(char: str) -> bool:
    """Whether a character belongs to a script that puts no space between words."""
    return not char.isascii() and _CHARACTER.match(char) is not None
