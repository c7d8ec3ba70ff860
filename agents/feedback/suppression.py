"""A campaign that changes from how many users on its cells are told: all of its cells are told again, those
that were told and may not be any more, and those that may be from now on.

Row `k` of a campaign says with which number its cells were told last, so that a change is not lost where no
worker ran meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import msgspec

from agents.feedback.cells import Cell
from streams.wire.partition import partition
from streams.wire.view import View

THRESHOLDS: Final = b"k"


@dataclass
class ToldThresholds:
    """What one lane has in its rows, and how far it is with campaigns that changed."""

    told: dict[str, int] = field(default_factory=dict)
    begun: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # the new number; the last cell

    def cells_to_tell(
        self, view: View, campaigns: Iterable[tuple[str, int]], totals: bytes, partitions: int, most: int
    ) -> list[bytes]:
        """Keys of rows `totals` of the lane's campaigns whose number is not the one they were told with, at
        most so many; fewer = there are no more."""
        found: list[bytes] = []
        for campaign_id, k in campaigns:
            if len(found) == most:
                break
            if self._told(view, campaign_id) == k or _home(campaign_id, partitions) != view.lane:
                continue
            target, after = self.begun.get(campaign_id, (k, b""))
            beginning = totals + Cell.beginning(campaign_id)
            rows = view.scan(beginning, after if target == k else b"")
            keys = [key for key, _ in islice(rows, most - len(found))]
            found += keys
            if len(found) == most:
                self.begun[campaign_id] = k, keys[-1]
            else:
                self._note(view, campaign_id, k)
        return found

    def _told(self, view: View, campaign_id: str) -> int:
        if campaign_id not in self.told:
            payload = view.get(THRESHOLDS + campaign_id.encode())
            self.told[campaign_id] = 0 if payload is None else msgspec.msgpack.decode(payload, type=int)
        return self.told[campaign_id]

    def _note(self, view: View, campaign_id: str, k: int) -> None:
        view.put(THRESHOLDS + campaign_id.encode(), msgspec.msgpack.encode(k))
        self.told[campaign_id] = k
        self.begun.pop(campaign_id, None)


def _home(campaign_id: str, partitions: int) -> int:
    return partition(campaign_id.encode(), partitions)
