"""A copywriter that only takes its time: the template's words after a fixed sleep, for measuring everything else."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.copywriter.brief import Brief, Copy, limits_of
from models.graphemes import cut

DEFAULT_CTA: Final = "Shop now"


@dataclass(frozen=True)
class StubCopywriter:
    """Answers every call after `sleep_ms`, whatever its size; `model_hash` says that no model wrote it."""

    sleep_ms: float
    model_hash: str = "stub"

    def write(self, briefs: Sequence[Brief]) -> list[tuple[Copy, ...]]:
        """One draft per brief, made of the brief's own words, so that review accepts it."""
        time.sleep(self.sleep_ms / 1_000)
        return [(_copy(brief),) for brief in briefs]


def _copy(brief: Brief) -> Copy:
    limits = limits_of(brief.slot)
    return Copy(
        headline=cut(f"{brief.noun.capitalize()} from {brief.brand}", limits.headline),
        description=cut(brief.title, limits.description),
        cta=cut(brief.ctas[0] if brief.ctas else DEFAULT_CTA, limits.cta),
        brand=cut(brief.brand, limits.brand),
    )
