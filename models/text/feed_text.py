"""Text as a feed writes it -> as a person may read it: the one cleaning, at intake."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import regex

from models.text.joiners import without_stray_joiners

_HIDES = re.compile(r"<!--|<(?:script|style)\b", re.IGNORECASE)
_SHOWS: Final = {
    "<!--": re.compile("-->"),
    "<script": re.compile(r"</script\s*>", re.IGNORECASE),
    "<style": re.compile(r"</style\s*>", re.IGNORECASE),
}
"""What ends that which each of them hides."""
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,1000}>")
# With its semicolon alone: "Black&notebook" names no entity, and "R&D" no more
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_WORD = regex.compile("[\\p{L}\\p{M}\u200c\u200d]+")
LOST: Final = "\ufffd"
"""Stands where a letter could not be read."""
_AS_ENTITIES_MAY_NEST: Final = 3
_MOST_MISREADINGS: Final = 2
_SHORTEST_SHOUT: Final = 2


def feed_text(text: str) -> str:
    """`text` without markup and what cannot be seen, entities as the signs they stand for, one line, in
    normal form C; what was read in a wrong encoding is read again. No other letter changes and no capital: a
    brand writes itself as it likes."""
    for _ in range(_AS_ENTITIES_MAY_NEST):
        text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    for _ in range(_MOST_MISREADINGS):
        text = _reread(text)
    text = without_stray_joiners(_UNSEEN.sub("", _TAG.sub(" ", _without_hidden(text))))
    text = "".join(" " if unicodedata.category(char) == "Cc" else char for char in text)
    return unicodedata.normalize("NFC", _SPACE.sub(" ", text).strip())


def _reread(text: str) -> str:
    """UTF-8 that was read as Windows' Latin letters, read as what it is: "BÃ¼cher" -> "Bücher". Other text
    has hardly ever bytes that are UTF-8, and stays."""
    if text.isascii():
        return text
    try:
        return b"".join(map(_byte, text)).decode()
    except UnicodeError:
        return text


def _byte(char: str) -> bytes:
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return char.encode("latin-1")  # the five bytes that Windows leaves out


def _without_hidden(text: str) -> str:
    """`text` without comments, scripts and styles; one that never ends hides nothing. What is not found once
    is not looked for again: the time grows with the text alone."""
    shown, at, endless = list[str](), 0, set[str]()
    for opened in _HIDES.finditer(text):
        kind = opened.group().lower()
        if opened.start() < at or kind in endless:
            continue
        ended = _SHOWS[kind].search(text, opened.end())
        if ended is None:
            endless.add(kind)
            continue
        shown.append(text[at : opened.start()])
        at = ended.end()
    return " ".join([*shown, text[at:]])


def said_calmly(shouted: str, elsewhere: Iterable[str]) -> str:
    """A text all in capitals as its own row writes the same words elsewhere; unchanged unless each of them
    stands there: what nobody wrote otherwise may be a brand."""
    words = _WORD.findall(shouted)
    if len(words) < _SHORTEST_SHOUT or any(char.islower() for char in shouted):
        return shouted
    known = {word.upper(): word for text in elsewhere for word in reversed(_WORD.findall(text))}
    if not all(word in known for word in words):
        return shouted
    return str(_WORD.sub(lambda match: known[match.group()], shouted))
