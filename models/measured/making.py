"""How requests ended and what was made, of one cell and window: counters that add up, a set that joins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from models.measured.latency import BINS, latency_bin
from models.measured.sketch import sketch_of

NOVELTY_UNIT: Final = 10_000
"""Novelties are summed in 1/10,000, so that sums do not depend on their order."""


class Making(msgspec.Struct, array_like=True):
    """Absolute counts. A request counts in the cell of its first creative, or where nothing is known of it; a
    creative in its own."""

    by_status: dict[str, int] = {}
    review: dict[str, int] = {}  # reason codes
    queue_bins: list[int] = msgspec.field(default_factory=lambda: [0] * BINS)
    total_bins: list[int] = msgspec.field(default_factory=lambda: [0] * BINS)
    cpu_us: int = 0
    novelty: int = 0  # sum, in NOVELTY_UNIT
    novelties: int = 0
    creatives: int = 0
    bigrams: int = 0
    sketch: str = ""  # of the bigrams, hexadecimal

    @classmethod
    def of_bytes(cls, payload: bytes | None) -> Making:
        """Content of a row; without one nothing was counted."""
        return cls() if payload is None else msgspec.msgpack.decode(payload, type=cls)

    def to_bytes(self) -> bytes:
        """As a row holds it."""
        return msgspec.msgpack.encode(self)

    def count_ending(
        self, status: str, review: Iterable[str], queue_ms: float, total_ms: float, cpu_ms: float
    ) -> None:
        """One request ended."""
        self.by_status[status] = self.by_status.get(status, 0) + 1
        for code in review:
            self.review[code] = self.review.get(code, 0) + 1
        self.queue_bins[latency_bin(queue_ms)] += 1
        self.total_bins[latency_bin(total_ms)] += 1
        self.cpu_us += round(cpu_ms * 1_000)

    def count_novelty(self, novelty: float) -> None:
        """How new the copy was to its user, in [0, 1]."""
        self.novelty += round(novelty * NOVELTY_UNIT)
        self.novelties += 1

    def count_creative(self, bigrams: list[str]) -> None:
        """One creative was made, with these pairs of words in its headline."""
        self.creatives += 1
        self.bigrams += len(bigrams)
        self.sketch = joined_sketch(self.sketch, f"{sketch_of(bigrams):x}")

    def add(self, other: Making, sign: int = 1) -> None:
        """Add counts of the same cell that were counted elsewhere, or (-1) take them back; the set only
        grows."""
        for mine, others in ((self.by_status, other.by_status), (self.review, other.review)):
            for name, n in others.items():
                mine[name] = mine.get(name, 0) + sign * n
                if not mine[name]:
                    del mine[name]
        for bins, more in ((self.queue_bins, other.queue_bins), (self.total_bins, other.total_bins)):
            bins[:] = [a + sign * b for a, b in zip(bins, more, strict=True)]
        self.cpu_us += sign * other.cpu_us
        self.novelty += sign * other.novelty
        self.novelties += sign * other.novelties
        self.creatives += sign * other.creatives
        self.bigrams += sign * other.bigrams
        self.sketch = joined_sketch(self.sketch, other.sketch)


def joined_sketch(one: str, other: str) -> str:
    """Both sets together."""
    if not one or not other or one == other:
        return one or other
    return f"{int(one, 16) | int(other, 16):x}"
