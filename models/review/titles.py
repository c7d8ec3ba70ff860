"""Whether words of a copy are its row's title, said as it stands, or a claim that happens to use one of its
words: "Free People Dress" may be said of that dress, "free dress" may not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from models.text.scripts import is_unspaced

_WORD: Final = re.compile(r"\w+")
_OPENING: Final = re.compile(r"(?:^|[.!?:…]\s*|[\"“(]\s*)$")
_SMALL_WORDS: Final = (
    "a an the of for in on at to by or and is it its as be so no not your you our we with from this that"
    " der die das den dem ein eine einen und oder für von mit im am zu zum zur dein deine"
)
_SMALL: Final = frozenset(_SMALL_WORDS.split())
"""Words that stand beside anything and so tell nothing."""


def said_as_titled(text: str, start: int, end: int, titles: Sequence[str]) -> bool:
    """Whether `text[start:end]` is part of one of `titles` (all folded): a further word of the title stands
    beside it, or the title is nothing else, or it is the title's beginning and a sentence's too, alone."""
    said = text[start:end].strip()
    if not _WORD.search(said) or any(map(is_unspaced, said)):
        return any(said in title for title in titles)
    titles = [title for title in titles if said in title]
    if not titles:
        return False
    before, after = _WORD.findall(text[:start]), _WORD.findall(text[end:])
    alone = _OPENING.search(text[:start]) is not None and re.match(r"[\s-]+\w", text[end:]) is None
    edged = re.compile(rf"(?<!\w){re.escape(said)}(?!\w)")
    return any(
        _titled(title, found, before, after, alone) for title in titles for found in edged.finditer(title)
    )


def _titled(
    title: str, found: re.Match[str], before: Sequence[str], after: Sequence[str], alone: bool
) -> bool:
    left, right = _WORD.findall(title[: found.start()]), _WORD.findall(title[found.end() :])
    beside = [*_shared(left[::-1], before[::-1]), *_shared(right, after)]
    if any(word not in _SMALL for word in beside):
        return True
    return not (left or right) or (alone and not left)


def _shared(title: Sequence[str], text: Sequence[str]) -> list[str]:
    """The words that both begin with."""
    return [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(title, text, strict=False))]
