"""Interleaved rounds: everybody does the same work in every round, so that what else the machine does falls
on all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Work = Callable[[], object]
Seconds = dict[str, list[float]]


def interleaved(
    contenders: Mapping[str, Work], rounds: int, clock: Callable[[], float] = time.process_time
) -> Seconds:
    """CPU seconds of each contender in each of `rounds` rounds, after one run that is not counted."""
    for work in contenders.values():
        work()
    seconds: Seconds = {name: [] for name in contenders}
    for number in range(rounds):
        for name in list(contenders)[:: -1 if number % 2 else 1]:
            began = clock()
            contenders[name]()
            seconds[name].append(clock() - began)
    return seconds


@dataclass(frozen=True)
class Ratio:
    """How many times faster: `value` by the best round of each, `low` and `high` over the rounds."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, slower: list[float], faster: list[float]) -> Ratio:
        """Of seconds round by round."""
        each = [a / b for a, b in zip(slower, faster, strict=True)]
        return cls(min(slower) / min(faster), min(each), max(each))

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} .. {self.high:.2f})"


def least(ratios: Mapping[str, Ratio]) -> Ratio:
    """The worst of several: a claim holds for all of them."""
    return min(ratios.values(), key=lambda ratio: ratio.value)
