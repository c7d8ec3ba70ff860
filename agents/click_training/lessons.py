"""Which exposures the click model learns, each once, and what it learns of one. No clock, no client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from xxhash import xxh3_64_intdigest

from agents.exposure_log.withdrawn import TRAIN, Withdrawn
from models.catalog.version import Catalog
from models.choice.selection import style_of
from models.click.copy_traits import NO_WORDS, traits_of
from models.click.features import Foreseen
from models.click.model import ClickLearner
from streams.records import Exposure

REMEMBERED: Final = 1 << 17
"""Ids of the last exposures, to know one that comes again; a lane that died repeats at most what it sent
since its last commit."""
_COMPLETE: Final = "complete"


@dataclass
class Lessons:
    """Takes exposures in order; `skipped` counts why one taught nothing."""

    learner: ClickLearner
    withdrawn: Withdrawn
    skipped: Counter[str] = field(default_factory=Counter)
    _seen: dict[int, None] = field(default_factory=dict)

    def take(self, exposures: Sequence[Exposure], codes: Mapping[str, str]) -> list[Exposure]:
        """Learn those that may be learnt, in order. `codes`: item id -> name of its interest code. Which
        those were."""
        chosen = [each for each in exposures if not self._skips(each)]
        self.learner.learn(
            [showing_of(each, codes.get(each.item_id or "")) for each in chosen],
            np.array([each.clicked for each in chosen], np.bool_),
            np.array([each.conversions > 0 for each in chosen], np.bool_),
        )
        return chosen

    def remember(self, exposures: Sequence[Exposure]) -> None:
        """Know again what was learnt before."""
        for each in exposures:
            self._is_new(each)

    def _skips(self, exposure: Exposure) -> bool:
        why = self._why_not(exposure)
        if why:
            self.skipped[why] += 1
        return bool(why)

    def _why_not(self, exposure: Exposure) -> str:
        if not self._is_new(exposure):
            return "duplicate"
        if exposure.invalid is not None:
            return "invalid"
        if exposure.settled != _COMPLETE:  # a click may have come that nobody could join any more
            return "evicted"
        if TRAIN not in exposure.purposes:
            return "purpose"
        return "" if self.withdrawn.allows(exposure.user, exposure.ts) else "withdrawn"

    def _is_new(self, exposure: Exposure) -> bool:
        hashed = xxh3_64_intdigest(exposure.exposure_id.encode())
        if hashed in self._seen:
            return False
        self._seen[hashed] = None
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return True


class ItemCodes:
    """Names of items' interest codes in the current catalogue, made anew when that changes."""

    def __init__(self, catalog: Callable[[], Catalog | None]) -> None:
        self._catalog = catalog
        self._of: Catalog | None = None
        self._codes: dict[str, str] = {}

    def current(self) -> Mapping[str, str]:
        """Item id -> code name; empty without a catalogue."""
        catalog = self._catalog()
        if catalog is not self._of and catalog is not None:
            names = catalog.code_names
            self._codes = {
                item.item_id: names[int(code)]
                for item, code in zip(catalog.items, catalog.codes, strict=True)
                if int(code) < len(names)
            }
            self._of = catalog
        return self._codes


def showing_of(exposure: Exposure, code: str | None) -> Foreseen:
    """What was known of an exposure before anybody reacted."""
    said = exposure.copy
    return Foreseen(
        campaign_id=exposure.campaign_id,
        item_id=exposure.item_id,
        code=code,
        template_id=exposure.template_id,
        style=style_of(exposure.arm),
        slot=exposure.slot,
        segment=exposure.segment,
        hour=exposure.hour,
        weekday=exposure.weekday,
        device=exposure.device,
        country=exposure.country,
        number=exposure.showing,
        said=NO_WORDS if said is None else traits_of(said.headline, said.description, said.cta),
        interest=tuple(exposure.interest),
    )
