"""A text's sentences, and the text without those that say something."""

from __future__ import annotations

import re
from typing import Final

from models.text.normalise import fold_text

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*")
_UNSPACED_STOPS: Final = ("。", "！", "？")


def sentences_of(text: str) -> list[str]:
    """A text's sentences; full stops of Chinese need no space after them."""
    return [sentence for sentence in _SENTENCE.split(text.strip()) if sentence]


def without_saying(words: str, text: str) -> str:
    """A text without the sentences that say some words; as it is where none does."""
    sentences = sentences_of(text)
    kept = [each for each in sentences if fold_text(words) not in fold_text(each)]
    return text if len(kept) == len(sentences) else _joined(kept)


def _joined(sentences: list[str]) -> str:
    return "".join(each if each.endswith(_UNSPACED_STOPS) else f"{each} " for each in sentences).strip()
