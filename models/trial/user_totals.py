"""Exposures summed per user: the user is what was drawn into an arm, so the user is what is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DoubleArray = NDArray[np.float64]


class UserTotals(NamedTuple):
    """Of the users of one arm, each (users,). `before`: clicks of the time before the experiment above what
    the pooled click rate of that time expects of as many impressions; 0 for who was not there."""

    impressions: DoubleArray
    clicks: DoubleArray
    conversions: DoubleArray
    revenue_minor: DoubleArray
    before: DoubleArray


@dataclass(slots=True)
class _Sums:
    arms: set[str] = field(default_factory=set)
    entered_ms: int = 0
    impressions: int = 0
    clicks: int = 0
    conversions: int = 0
    revenue_minor: int = 0
    past_impressions: int = 0
    past_clicks: int = 0


class TrialLog:
    """Sums exposures of one experiment; `start_ms`: what was earlier is a user's past."""

    def __init__(self, start_ms: int) -> None:
        self._start_ms = start_ms
        self._users: dict[str, _Sums] = {}

    def add(
        self, user: str, ts_ms: int, arm: str | None, clicked: bool, conversions: int, revenue_minor: int
    ) -> None:
        """One exposure, each once. `arm` None: not part of the experiment, which counts only as the past."""
        past = ts_ms < self._start_ms
        if arm is None and not past:
            return
        sums = self._users.setdefault(user, _Sums())
        if past:
            sums.past_impressions += 1
            sums.past_clicks += clicked
            return
        assert arm is not None
        sums.entered_ms = min(sums.entered_ms, ts_ms) if sums.arms else ts_ms
        sums.arms.add(arm)
        sums.impressions += 1
        sums.clicks += clicked
        sums.conversions += conversions
        sums.revenue_minor += revenue_minor

    @property
    def mixed(self) -> int:
        """Users seen in more than one arm: they belong to none."""
        return sum(len(sums.arms) > 1 for sums in self._users.values())

    def totals(self) -> dict[str, UserTotals]:
        """By arm, users in the order in which they entered."""
        past_rate = self._past_rate()
        rows: dict[str, list[tuple[float, ...]]] = {}
        for sums in sorted(self._users.values(), key=lambda each: each.entered_ms):
            if len(sums.arms) == 1:
                before = sums.past_clicks - past_rate * sums.past_impressions
                row = (sums.impressions, sums.clicks, sums.conversions, sums.revenue_minor, before)
                rows.setdefault(next(iter(sums.arms)), []).append(row)
        return {arm: UserTotals(*np.array(each, np.float64).T) for arm, each in rows.items()}

    def _past_rate(self) -> float:
        impressions = sum(sums.past_impressions for sums in self._users.values())
        clicks = sum(sums.past_clicks for sums in self._users.values())
        return clicks / impressions if impressions else 0.0
