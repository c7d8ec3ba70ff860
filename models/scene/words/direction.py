"""Where a reader begins: at the right in scripts that run from there."""

from __future__ import annotations

from typing import Final
from unicodedata import bidirectional

import regex

_RTL: Final = regex.compile(r"[\p{Arabic}\p{Hebrew}]")
_FROM_THE_RIGHT: Final = ("R", "AL")
_LOCALES: Final = frozenset({"ar", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"})


def has_rtl(text: str) -> bool:
    """Whether a letter of it runs from right to left."""
    return _RTL.search(text) is not None


def is_rtl(text: str, language: str) -> bool:
    """Whether a reader begins at the right: such letters in a language that is written so, and elsewhere
    where the first letter is one. A name in another script turns no text around."""
    return has_rtl(text) and (language in _LOCALES or begins_right(text, False))


def begins_right(text: str, otherwise: bool) -> bool:
    """Whether the first letter runs from right to left; `otherwise` = there is none that tells."""
    told = (bidirectional(each) for each in text)
    return next((each in _FROM_THE_RIGHT for each in told if each in ("L", *_FROM_THE_RIGHT)), otherwise)
