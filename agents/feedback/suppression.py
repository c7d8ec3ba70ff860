"""A campaign that changes from how many users on its cells are told: all of its cells are told again, those
that were told and may not be any more, and those that may be from now on.

Row `k` of a campaign says with which number all of its cells were told last, so that a change is not lost
where no worker ran meanwhile. As soon as one leaves with another number it says that they were told with
several: a number that comes back is told to all of them, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import msgspec
import numpy as np

from agents.feedback.cells import Cell
from streams.wire.partition import partitions
from streams.wire.view import View

THRESHOLDS: Final = b"k"
_SEVERAL: Final = -1
"""In a row: not all cells were told with the same number."""


@dataclass
class ToldThresholds:
    """What one lane has in its rows, and how far it is with campaigns that changed."""

    told: dict[str, int] = field(default_factory=dict)
    begun: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # the new number; the last cell

    def cells_to_tell(
        self, view: View, campaigns: Sequence[tuple[str, int]], totals: bytes, lanes: int, most: int
    ) -> list[bytes]:
        """Keys of rows `totals` of the lane's campaigns whose number is not the one they were told with, at
        most so many; fewer = there are no more."""
        homes = partitions([campaign_id.encode() for campaign_id, _ in campaigns], lanes)
        found: list[bytes] = []
        for at in np.flatnonzero(homes == view.lane).tolist():
            campaign_id, k = campaigns[at]
            if len(found) == most:
                break
            if self._told(view, campaign_id) == k:
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
                self.begun.pop(campaign_id, None)
        return found

    def leave(self, view: View, campaign_id: str, k: int) -> None:
        """Cells of one of the lane's campaigns leave with this number."""
        if self._told(view, campaign_id) not in (k, _SEVERAL):
            self._note(view, campaign_id, _SEVERAL)
        if campaign_id in self.begun and self.begun[campaign_id][0] != k:
            del self.begun[campaign_id]

    def _told(self, view: View, campaign_id: str) -> int:
        if campaign_id not in self.told:
            payload = view.get(THRESHOLDS + campaign_id.encode())
            self.told[campaign_id] = 0 if payload is None else msgspec.msgpack.decode(payload, type=int)
        return self.told[campaign_id]

    def _note(self, view: View, campaign_id: str, k: int) -> None:
        view.put(THRESHOLDS + campaign_id.encode(), msgspec.msgpack.encode(k))
        self.told[campaign_id] = k
