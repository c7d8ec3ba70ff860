"""A product's title as a feed writes it -> as a person may read it, and the noun a feed supports."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import regex

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_SPACE = re.compile(r"\s+")
# Joiners (200c, 200d) stay: Persian and Indic words are spelt with them, and emoji are made of them
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_WORD = regex.compile("[\\p{L}\\p{M}\u200c\u200d]+")
_LEAF = re.compile(r"[>/.:|]")
_SHORTEST_STEM: Final = 4
_LONGEST_ENDING: Final = 2
_WHOSE: Final = (
    "men women man woman kids boys girls baby unisex home garden outdoor sport sports sale new offers gifts"
    " herren damen kinder jungen mädchen zuhause garten angebote neu hombre mujer niños homme femme enfants"
    " uomo donna bambini erkek kadın çocuk yeni indirim"
)
_NO_THINGS: Final = frozenset(_WHOSE.split())
"""One-word categories that say for whom or why, not what."""
_AS_ENTITIES_MAY_NEST: Final = 3


def read_title(text: str) -> str:
    """`text` without markup and what cannot be seen, entities as the signs they stand for, one line, in
    normal form C. No letter changes and no capital: a brand writes itself as it likes."""
    for _ in range(_AS_ENTITIES_MAY_NEST):
        text = html.unescape(text)
    text = _UNSEEN.sub("", _TAG.sub(" ", text))
    text = "".join(" " if unicodedata.category(char) == "Cc" else char for char in text)
    return unicodedata.normalize("NFC", _SPACE.sub(" ", text).strip())


def noun_of(title: str, said: str = "", categories: Sequence[str] = ()) -> str:
    """What an item is called: what the feed says; else the word of the title that is its category's last part
    too ("Trail Shoe, size 42" in "apparel > shoes" -> "Shoe"); else '', never a guess."""
    if said.strip():
        return read_title(said)
    leaves = [_WORD.findall(_LEAF.split(read_title(category))[-1]) for category in categories]
    kinds = {leaf[0].casefold() for leaf in leaves if len(leaf) == 1} - _NO_THINGS
    for word in _WORD.findall(title):
        if any(_same_word(word.casefold(), kind) for kind in kinds):
            return str(word)
    return ""


def _same_word(one: str, other: str) -> bool:
    """Whether two words differ by a short ending at most: "shoe" and "shoes"."""
    if one == other:
        return len(one) > 1
    short, long = sorted((one, other), key=len)
    alike = len(short) >= _SHORTEST_STEM and long.startswith(short)
    return alike and len(long) - len(short) <= _LONGEST_ENDING
