"""What layouts of pictures earned, from the exposures that teach the click model: faded counts of each layout
of a campaign and slot, as posteriors of ads.arm.v1, which is all their state.

Only exposures count whose picture turned out in the layout that was drawn for it. A layout is there to be
clicked, whatever the campaign's goal; who hides or reports the ad takes one click back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from models.choice.selection import is_layout_arm, layout_arm
from streams import records as r

_DIGITS: Final = 4

Place = tuple[str, str, str]
"""Campaign, slot and arm."""


@dataclass
class Faded:
    """Impressions, and rewards among them, each weighed by how long before `at_ms` it was: the sums do not
    depend on the order in which they come."""

    at_ms: int
    impressions: float = 0.0
    rewards: float = 0.0

    def add(self, ts: int, reward: int, half_life_ms: float) -> None:
        """One impression at `ts` (Unix ms)."""
        self.fade(max(ts, self.at_ms), half_life_ms)
        weight = 2.0 ** ((ts - self.at_ms) / half_life_ms)
        self.impressions += weight
        self.rewards += weight * reward

    def fade(self, at_ms: int, half_life_ms: float) -> None:
        """As of a later time."""
        left = 2.0 ** ((self.at_ms - at_ms) / half_life_ms)
        self.impressions, self.rewards, self.at_ms = self.impressions * left, self.rewards * left, at_ms


@dataclass
class LayoutArms:
    """Goes on from what was published; `told` gives what has changed since it was asked last. Each posterior
    names the version of the click model that it stands on, which says how far was read."""

    half_life_ms: float
    _arms: dict[Place, Faded] = field(default_factory=dict)
    _changed: set[Place] = field(default_factory=set)

    def restore(self, published: Iterable[r.ArmPosterior], click_model: int) -> None:
        """As they stood when they were published; arms that are no layouts are others' to tell. What stands
        on a later version than `click_model` is left out: its exposures are read again."""
        for each in published:
            if is_layout_arm(each.arm) and each.version.isdecimal() and each.click_model <= click_model:
                place = each.campaign_id, each.slot, each.arm
                self._arms[place] = Faded(int(each.version), each.alpha + each.beta, each.alpha)

    def take(self, exposures: Iterable[r.Exposure]) -> None:
        """Settled exposures, each once."""
        for each in exposures:
            if each.layout is None or each.layout_propensity is None:
                continue
            place = each.campaign_id, each.slot, layout_arm(each.layout)
            reward = int(each.clicked) - int(each.hidden or each.reported)
            self._arms.setdefault(place, Faded(each.ts)).add(each.ts, reward, self.half_life_ms)
            self._changed.add(place)

    def told(self, now_ms: int, click_model: int) -> Iterator[r.ArmPosterior]:
        """Posteriors as of now, standing on `click_model`."""
        for place in sorted(self._changed):
            arm = self._arms[place]
            arm.fade(max(now_ms, arm.at_ms), self.half_life_ms)
            alpha = round(min(max(arm.rewards, 0.0), arm.impressions), _DIGITS)
            beta = round(max(arm.impressions - alpha, 0.0), _DIGITS)
            yield r.ArmPosterior(*place, alpha, beta, str(arm.at_ms), click_model)
        self._changed.clear()
