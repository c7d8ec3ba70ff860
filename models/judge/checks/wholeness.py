"""Fields that are empty, cut off or left open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from models.judge.finding import Finding
from models.judge.lexicon import moment_lexicon_of
from models.judge.said import CopyBesideBrief, copy_words_of
from models.text.scripts import is_unspaced
from models.text.sentences import sentences_of

_ENDS: Final = re.compile(r"[.!?…。！？”\"’')）％%]$")
_HANGS: Final = re.compile(r"[,;:\-–—(\[/&，；：、（]$")
_INCHES: Final = re.compile(r"\d[\"”](?!\w)")
_SHOWN: Final = 24
"""Characters of a field's end that a finding shows."""
_PAIRS: Final = (("(", ")"), ("[", "]"), ("（", "）"), ("「", "」"), ("《", "》"))


def wholeness(draft: CopyBesideBrief) -> Iterator[Finding]:
    """What is missing of a field, or at its end."""
    lexicon = moment_lexicon_of(draft.language)
    for field, written, folded in draft.fields:
        text = written.strip()
        if not any(map(str.isalnum, text)):
            yield Finding("EMPTY", field, written)
            continue
        words = copy_words_of(folded)
        last = words[-1] if words else ""
        hangs = _HANGS.search(text) is not None
        if hangs or (lexicon is not None and _is_open(text, last, lexicon.open_ends)):
            yield Finding("CUT_OFF", field, text[-_SHOWN:])
        sentences = sentences_of(text)
        if field == "description" and len(sentences) > 1 and not _ENDS.search(text):
            yield Finding("CUT_OFF", field, sentences[-1][-_SHOWN:])
        yield from _unbalanced(field, text, draft)


def _is_open(text: str, last: str, open_ends: frozenset[str]) -> bool:
    """Whether a text ends with a word that waits for another; "16 A" ends with a unit."""
    if last not in open_ends or text.endswith("?"):
        return False
    return text.endswith(last) if is_unspaced(last) else last in text.split()[-1]


def _unbalanced(field: str, text: str, draft: CopyBesideBrief) -> Iterator[Finding]:
    """Brackets and quotes of which one is missing; a figure's inches are none. German opens with the quote
    that English closes with."""
    plain = _INCHES.sub("", text)
    quotes = ("„", "“") if draft.language == "de" and "„" in plain else ("“", "”")
    if (
        any(plain.count(one) != plain.count(other) for one, other in (*_PAIRS, quotes))
        or plain.count('"') % 2
    ):
        yield Finding("UNBALANCED", field, text[-_SHOWN:])
