"""What a text says to a reader although its letters are set apart, replaced by figures or decorated."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import regex

from models.text.normalise import fold_text

_GLUED: Final = regex.compile(r"(?<=\p{Ll}{2})([.!?])(?=(?!Com\b|Net\b|Org\b)\p{Lu}\p{Ll}*\b)")
_SET_APART: Final = re.compile(
    r"(?<![^\W_])[^\W\d_](?:(?:[^\w\s]|_)+[^\W\d_]){2,}(?![^\W_])"  # f.r.e.e
    r"|(?<!\w)[^\W\d_](?P<gap>[^\w]{1,3})[^\W\d_](?:(?P=gap)[^\W\d_])+(?!\w)"  # f r e e
)
_BETWEEN: Final = re.compile(r"[\W_]+")
_SPLIT: Final = regex.compile(r"(?<=\p{L})[*_·•~|.^\p{So}\uFE0F]+(?=\p{L})")
_MIXED: Final = re.compile(r"[\w@$₿](?:[\w@$€₿!|]*[\w@$€₿])?")
_SHORTEST_WORD: Final = 4
_FIGURES: Final = str.maketrans("0345789@$€₿!|", "oeastbgasebll")
_FIGURE: Final = re.compile("[01345789!@$€₿|]")
_ONES: Final = ("i", "l")
"""A one stands for either letter."""
_DRAWN: Final = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡ", "abcdefghijklmnoprstuvwyzag")
"""Small capitals and other drawn letters that normal forms leave as they are."""


def open_sentences(text: str) -> str:
    """`text` with a space after a full stop that a sentence begins behind without one: "Norway.Warm"."""
    return _GLUED.sub(r"\1 ", text)


@lru_cache(maxsize=4096)  # drafts share fields
def readings(text: str) -> tuple[str, ...]:
    """`text` folded as it stands, then, where letters are hidden in it, folded as a reader reads it."""
    plain = fold_text(open_sentences(text))
    bare = _undecorated(_SPLIT.sub("", _SET_APART.sub(_closed, open_sentences(text))))
    spelt = (_spelt(bare, one) for one in _ONES) if _FIGURE.search(bare) else (bare,)
    return tuple(dict.fromkeys((plain, *map(fold_text, spelt))))


def _closed(match: re.Match[str]) -> str:
    return _BETWEEN.sub("", match.group())


def _undecorated(text: str) -> str:
    """Without the strokes and marks that are drawn over Latin letters and belong to none."""
    composed = unicodedata.normalize("NFKC", text).translate(_DRAWN)
    if composed.isascii():
        return composed
    kept, latin = [], False
    for char in composed:
        mark = unicodedata.category(char) in ("Mn", "Me")
        latin = latin if mark else char.isascii() and char.isalpha()
        if not (mark and latin):
            kept.append(char)
    return "".join(kept)


def _spelt(text: str, one: str) -> str:
    """With letters for the figures and signs inside words that are mostly letters: "fr33"."""
    return _MIXED.sub(lambda match: _word(match.group(), one), text)


def _word(word: str, one: str) -> str:
    letters = sum(map(str.isalpha, word))
    if letters == len(word) or len(word) < _SHORTEST_WORD or 2 * letters < len(word):
        return word
    return word.translate(_FIGURES).replace("1", one)
