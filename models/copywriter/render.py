"""Copy with pointers -> copy as shown."""

from __future__ import annotations

import re

from models.copywriter.brief import Brief
from models.copywriter.slots import cta_texts, slot_texts

_POINTER = re.compile(r"<(\w+)>")
_START = re.compile(r"(^|[.!?]\s+)([^\W\d_])")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_DOUBLED = re.compile(r"([.!?])\.(?=\s|$)")


def render_field(text: str, brief: Brief) -> str:
    """One field with its pointers filled and its sentences capitalised. Raises KeyError for a pointer the brief has no text for."""
    slots, ctas = slot_texts(brief), cta_texts(brief)

    def pointed(match: re.Match[str]) -> str:
        name = match.group(1)
        return ctas[int(name[4:])] if name.startswith("cta_") else slots[name]

    if text.startswith("<cta_"):
        return _POINTER.sub(pointed, text)  # the campaign's own wording, to the letter
    filled = _DOUBLED.sub(r"\1", _POINTER.sub(pointed, text))
    return _START.sub(lambda match: match.group(1) + match.group(2).upper(), filled)


def own_words(text: str) -> list[str]:
    """Words of a field that the writer chose itself, in lower case: its pointers are left out."""
    return [word.lower() for word in _WORD.findall(_POINTER.sub(" ", text))]
