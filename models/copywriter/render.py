"""Copy with pointers -> copy as shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from models.copywriter.brief import Brief, language_of
from models.copywriter.slots import cta_texts, slot_texts

_POINTER = re.compile(r"<(\w+)>")
_START = re.compile(r"(^|[.!?]\s+)([^\W\d_])")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_DOUBLED = re.compile(r"(?<=[.!?])\.(?=\s|$)|(?<=[。！？])[.。]")
CJK: Final = "\u2e80-\u2fdf\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
"""Characters of scripts that put no space between words, and their punctuation, for a character class."""
_SPACED_CJK = re.compile(rf"(?<=[{CJK}])\s+|\s+(?=[{CJK}])")
_CJK_RUN = re.compile(rf"[{CJK}]+")


def render_field(text: str, brief: Brief) -> str:
    """One field with its pointers filled and its sentences capitalised. Raises KeyError for a pointer the brief has no text for."""
    slots, ctas = slot_texts(brief), cta_texts(brief)

    def pointed(match: re.Match[str]) -> str:
        name = match.group(1)
        return ctas[int(name[4:])] if name.startswith("cta_") else slots[name]

    if text.startswith("<cta_"):
        return _POINTER.sub(pointed, text)  # the campaign's own wording, to the letter
    filled = _SPACED_CJK.sub("", _DOUBLED.sub("", _POINTER.sub(pointed, text)))
    return _START.sub(lambda match: match.group(1) + match.group(2).upper(), filled)


def own_words(text: str) -> list[str]:
    """Words of a field that the writer chose itself, in lower case: its pointers are left out. Of Chinese, pairs of neighbours."""
    words = []
    for word in _WORD.findall(_POINTER.sub(" ", text)):
        run = _CJK_RUN.fullmatch(word)
        words += [word[at : at + 2] for at in range(max(1, len(word) - 1))] if run else [word.lower()]
    return words


def unspaced(locale: str) -> bool:
    """Whether a language puts no space around a name inside a sentence, and none between sentences."""
    return language_of(locale) in ("zh", "ja")


def join_scenes(scenes: Sequence[str], locale: str) -> str:
    """Lines of a script as one description."""
    return ("" if unspaced(locale) else " ").join(scenes)
