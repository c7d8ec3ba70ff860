"""A copywriter that only takes its time: words of the brief after a fixed sleep, for measuring everything
else."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from models.brief.brief import Brief, Copy, limits_of
from models.copywriter.generate import CANDIDATES, WrittenCopy
from models.text.graphemes import cut
from models.text.variety import Pairs

DEFAULT_CTA: Final = "Shop now"


@dataclass(frozen=True)
class StubCopywriter:
    """Answers every call after `sleep_ms`, whatever its size; `model_hash` says that no model wrote it."""

    sleep_ms: float
    model_hash: str = "stub"

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
        candidates: int = CANDIDATES,
        said: Sequence[Pairs] = (),
    ) -> list[WrittenCopy]:
        """One draft per brief, made of the brief's own words, so that review accepts it."""
        time.sleep(self.sleep_ms / 1_000)
        copies = [(brief, _copy(brief)) for brief in briefs]
        return [
            WrittenCopy(copy, self.sleep_ms, 0)
            if accept(brief, copy)
            else WrittenCopy(None, self.sleep_ms, 0, "not_accepted")
            for brief, copy in copies
        ]


def _copy(brief: Brief) -> Copy:
    limits = limits_of(brief.slot)
    return Copy(
        headline=cut(f"{brief.noun.capitalize() or brief.title} from {brief.brand}", limits.headline),
        description=cut(brief.title, limits.description),
        cta=cut(brief.ctas[0] if brief.ctas else DEFAULT_CTA, limits.cta),
        brand=cut(brief.brand, limits.brand),
    )
