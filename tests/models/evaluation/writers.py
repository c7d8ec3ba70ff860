"""Copywriters whose copy the tests know beforehand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.brief.brief import Brief, Copy
from models.copywriter.generate import WrittenCopy


class Says:
    """Writes what a function makes of a brief; what review refuses becomes a template fallback."""

    def __init__(self, say: Callable[[Brief], Copy | None]) -> None:
        self.say = say

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
        candidates: int,
        said: Sequence[object],
    ) -> list[WrittenCopy]:
        assert remaining_ms() > 0
        drafts = []
        for brief in briefs:
            copy = self.say(brief)
            kept = copy is not None and accept(brief, copy)
            drafts.append(
                WrittenCopy(copy, 1.0, 7)
                if kept
                else WrittenCopy(None, 1.0, 3, "not_accepted" if copy else "no_noun")
            )
        return drafts


def plain(brief: Brief) -> Copy:
    """The same for every request of a brief."""
    return Copy(brief.title[:20], f"The {brief.noun} for quiet mornings.", "Shop now", brief.brand)
