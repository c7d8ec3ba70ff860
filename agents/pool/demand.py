"""What was asked for: how often each item, and the places whose copy was missing, oldest first."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

from streams.metrics.pool import POOL_WANTED

ITEMS: Final = 100_000
"""Items counted; of more, the less wanted half is forgotten."""
WAITING: Final = 10_000
"""Misses remembered; of more, the oldest are forgotten: they come again."""


class CopyPlace(NamedTuple):
    """Where copy of the pool belongs, but for its number."""

    campaign_id: str
    item_id: str
    slot: str
    locale: str
    style: str


class Demand:
    """Of this worker, since it started."""

    def __init__(self) -> None:
        self._asked: Counter[tuple[str, str]] = Counter()
        self._missed: OrderedDict[CopyPlace, None] = OrderedDict()

    def note(self, place: CopyPlace, missed: bool) -> None:
        """A request wanted copy there."""
        self.count(place.campaign_id, place.item_id)
        if missed:
            self.want(place)

    def want(self, place: CopyPlace) -> None:
        """Copy is to be written for it, after what waits."""
        self._missed.setdefault(place, None)
        if len(self._missed) > WAITING:
            self._missed.popitem(last=False)
        POOL_WANTED.set(len(self._missed))

    def count(self, campaign_id: str, item_id: str) -> None:
        """A request was for it."""
        self._asked[campaign_id, item_id] += 1
        if len(self._asked) > ITEMS:
            self._asked = Counter(dict(self._asked.most_common(ITEMS // 2)))

    def next_missed(self, most: int) -> list[CopyPlace]:
        """Misses to write for now: they leave the queue."""
        taken = [self._missed.popitem(last=False)[0] for _ in range(min(most, len(self._missed)))]
        POOL_WANTED.set(len(self._missed))
        return taken

    def hottest(self) -> Sequence[tuple[str, str]]:
        """(campaign, item), the most wanted first."""
        return [offered for offered, _ in self._asked.most_common()]
