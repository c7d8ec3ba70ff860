"""Joiners without width: letters of the spelling in Persian and Indic words and in emoji, dirt anywhere
else."""

from __future__ import annotations

from typing import Final

import regex

_SCRIPTS: Final = (
    "Arabic Syriac Mandaic Nko Mongolian Phags_Pa Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu"
    " Kannada Malayalam Sinhala Tibetan Myanmar Khmer Javanese Balinese Sundanese"
)
"""Scripts whose letters change shape beside another one: there a joiner decides what a reader reads."""
_LETTER: Final = r"\p{M}" + "".join(rf"\p{{Script={name}}}" for name in _SCRIPTS.split())
_PICTURE: Final = r"\p{Extended_Pictographic}"
_SPELT: Final = (
    rf"(?<=[{_LETTER}])\u200d|(?<=[{_LETTER}])\u200c(?=[\p{{L}}\p{{M}}])"
    rf"|(?<=[{_PICTURE}\p{{Emoji_Modifier}}\ufe0f])\u200d(?={_PICTURE})"
)
_JOINER: Final = regex.compile(rf"({_SPELT})|[\u200c\u200d]")


def without_stray_joiners(text: str) -> str:
    """`text` with the joiners (U+200C, U+200D) that its spelling needs, and no others."""
    if "\u200c" not in text and "\u200d" not in text:
        return text
    return str(_JOINER.sub(lambda match: match.group(1) or "", text))
