"""What a text says to a reader although its letters are set apart, replaced by figures or decorated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final

import regex

from models.meaning.weights import load_meanings
from models.review.mending import mended, rejoined
from models.text.normalise import fold_text

_GLUED: Final = regex.compile(r"(?<=\p{Ll}{2})([.!?])(?=(?!Com\b|Net\b|Org\b)\p{Lu}\p{Ll}*\b)")
_SET_APART: Final = re.compile(
    r"(?<![^\W_])[^\W\d_](?:(?:[^\w\s]|_)+[^\W_]){2,}(?![^\W_])"  # f.r.e.e
    r"|(?<!\w)[^\W\d_](?P<gap>[^\w]{1,3})[^\W_](?:(?P=gap)[^\W_])+(?!\w)"  # f r e e
)
_BETWEEN: Final = re.compile(r"[\W_]+")
_AMOUNT: Final = re.compile(r"(?<=[^\W\d_]{2})(\d{1,4})(?=[^\W\d_]{2})")
_PICTURE: Final = regex.compile(r"\p{So}\uFE0F?")
_SPLIT: Final = regex.compile(r"(?<=\p{L})[*_·•~|.^\p{So}\uFE0F]+(?=\p{L})")
_MIXED: Final = re.compile(r"[\w@$₿](?:[\w@$€₿!|]*[\w@$€₿])?")
_SHORTEST_SURE: Final = 4
"""Shorter words are spelt only where that gives a known one: "n0", but "mp3"."""
_ACCENTED: Final = regex.compile(r"[a-z]*[\u00df-\u017f\u1e00-\u1eff][a-z\u00df-\u017f\u1e00-\u1eff]*")
_FIGURES: Final = str.maketrans("0345789@$€₿", "oeastbgaseb")
_FIGURE: Final = re.compile("[01345789!@$€₿|]")
_STROKES: Final = re.compile("[1!|]")
_DRAWN: Final = str.maketrans(
    "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡ葯藥薬證証發槍錢賭貸減賺稅彈療醫號碼貨單騙學歷穏穩賠",
    "abcdefghijklmnoprstuvwyzag药药药证证发枪钱赌贷减赚税弹疗医号码货单骗学历稳稳赔",
)
"""Small capitals and other drawn letters that normal forms leave as they are, and characters in their older
form."""


def open_sentences(text: str) -> str:
    """`text` with a space after a full stop that a sentence begins behind without one: "Norway.Warm"."""
    return _GLUED.sub(r"\1 ", text)


@lru_cache(maxsize=4096)  # drafts share fields
def text_readings(text: str) -> tuple[str, ...]:
    """`text` folded as it stands, then, where letters are hidden in it, folded as a reader reads it."""
    opened, known = open_sentences(text), load_meanings().words
    bare = _PICTURE.sub(_named, _undecorated(_SPLIT.sub("", _SET_APART.sub(_closed, opened))))
    spelt = _unaccented(fold_text(_spelt(bare, known) if _FIGURE.search(bare) else bare), known)
    return tuple(dict.fromkeys((fold_text(opened), spelt, mended(spelt, known))))


def _unaccented(folded: str, known: AbstractSet[str]) -> str:
    """Without the accents that make no known word of one: "frée", and not "café"."""
    return folded if folded.isascii() else _ACCENTED.sub(lambda match: _bare(match.group(), known), folded)


def _bare(word: str, known: AbstractSet[str]) -> str:
    if word in known or len(word) < _SHORTEST_SURE:
        return word
    parts = unicodedata.normalize("NFD", word)
    bare = "".join(char for char in parts if not unicodedata.combining(char))
    return bare if bare in known else word


def _closed(match: re.Match[str]) -> str:
    run = _AMOUNT.sub(r" \1 ", _BETWEEN.sub("", match.group()))
    return " ".join(rejoined(each.casefold(), load_meanings().words) for each in run.split())


def _named(match: regex.Match[str]) -> str:
    """A picture says its name: a pill is sold as one."""
    return f" {unicodedata.name(match.group()[0], '').lower()} "


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


def _spelt(text: str, known: AbstractSet[str]) -> str:
    """With letters for the figures and signs inside words that are mostly letters: "fr33"."""
    return _MIXED.sub(lambda match: _word(match.group(), known), text)


def _word(word: str, known: AbstractSet[str]) -> str:
    letters = sum(map(str.isalpha, word))
    if letters == len(word) or 2 * letters < len(word):
        return word
    lettered = word.translate(_FIGURES)
    spelt = [_STROKES.sub(one, lettered) for one in "il"]  # a stroke stands for either letter
    meant = next((each for each in spelt if each.casefold() in known), "")
    return meant or (spelt[0] if len(word) >= _SHORTEST_SURE else word)
