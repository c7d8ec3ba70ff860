"""Two views of text nobody here wrote: cleaned for a prompt or a slot, and folded for comparison so that
look-alikes match."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from models.text.graphemes import cut
from models.text.joiners import without_stray_joiners

_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_JOINERS: Final = {0x200C: None, 0x200D: None}
_TAG = re.compile(r"</?[A-Za-z!?][^<>]{0,200}>")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DELIMITERS = re.compile(r"[<>{}\[\]|\\`_~^]|(?<!\d)\*|\*(?=\w)")  # the star of "7*" is a name's own
_SPACE = re.compile(r"\s+")
_LETTERS = re.compile(r"\w+")

# Latin look-alikes of Cyrillic and Greek letters, after casefold (Unicode confusables, the single-letter ones
# that occur in spam).
_LOOKALIKES: Final = str.maketrans(
    "асԁеһіјӏкмопрѕтухѵԝгьոսօհαβεικνορτυχ", "acdehijlkmonpstyxvwrbnuohabeiknoptux"
)


def clean(text: str, limit: int) -> str:
    """`text` as plain words: no invisible characters, markup, URLs or delimiters, one line, at most `limit`
    wide. In normal form C, which changes no letter: "m²" and "City™" stay what they are."""
    plain = unicodedata.normalize("NFC", without_stray_joiners(_INVISIBLE.sub("", text)))
    plain = _DELIMITERS.sub(" ", _URL.sub(" ", _TAG.sub(" ", plain)))
    plain = "".join(char if _is_shown(char) else " " for char in plain)
    return without_stray_joiners(cut(_SPACE.sub(" ", plain).strip(), limit))


def one_line(text: str) -> str:
    """A person's text as it stands, on one line and without control or invisible characters."""
    shown = (char if _is_shown(char) else " " for char in _INVISIBLE.sub("", text))
    return _SPACE.sub(" ", "".join(shown)).strip()


def _is_shown(char: str) -> bool:
    return unicodedata.category(char)[0] != "C" or ord(char) in _JOINERS


def holds_markup(text: str) -> bool:
    """Whether `clean` would take tags, links or delimiters out of `text`."""
    return any(pattern.search(text) for pattern in (_TAG, _URL, _DELIMITERS))


def _unmask(word: str) -> str:
    """A word that mixes Latin letters with look-alikes of other scripts, in Latin letters; other words
    unchanged."""
    if word.isascii() or not any("a" <= char <= "z" for char in word):
        return word
    return word.translate(_LOOKALIKES)


@lru_cache(maxsize=1024)  # drafts of one brief are held against the same words
def fold_text(text: str) -> str:
    """`text` for comparison: NFKC, casefold, no invisible characters, look-alike letters in Latin, single
    spaces."""
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text).translate(_JOINERS)).casefold()
    folded = folded.replace("’", "'").replace("‑", "-")
    return _SPACE.sub(" ", _LETTERS.sub(lambda match: _unmask(match.group()), folded)).strip()
