"""How long a broker has been silent about partitions, whatever clocks are set to."""

from __future__ import annotations

import math
from collections.abc import Mapping

from aiokafka import TopicPartition


class Silence:
    """The client stamps answers with the wall clock; here a stamp only tells one answer from the next. All
    `now_s` are of a clock that only grows."""

    def __init__(self) -> None:
        self._heard: dict[TopicPartition, tuple[int | None, float]] = {}  # stamp of the answer, when noted

    def note(self, stamps: Mapping[TopicPartition, int | None], now_s: float) -> None:
        """The stamps of the last answers, of every partition. What is new counts as answered now."""
        for tp, stamp in stamps.items():
            if tp not in self._heard or self._heard[tp][0] != stamp:
                self._heard[tp] = stamp, now_s

    def longest_s(self, now_s: float) -> float:
        """Since the last answer for the partition of which none came for longest; infinite before `note`."""
        return now_s - min((at_s for _, at_s in self._heard.values()), default=-math.inf)
