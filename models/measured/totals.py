"""All that is counted of a cell and window, summed over what feeds it: integers, so that sums do not depend
on their order and taking back is exact."""

from __future__ import annotations

from typing import Final

import msgspec

from models.earned.counters import COUNTER_FIELDS, EXPOSURE_BINS
from models.measured.making import Making
from models.money import sum_of

_COUNTS: Final = len(COUNTER_FIELDS)
_COUNTS_1: Final = 9


class Totals(msgspec.Struct, array_like=True):
    """Counts as in COUNTER_FIELDS; impressions, and those that were clicked, by showing; users; money in
    minor units by currency; impressions by arm, where several arms meet; how creatives were made."""

    counts: list[int] = msgspec.field(default_factory=lambda: [0] * _COUNTS)
    shown: list[int] = msgspec.field(default_factory=lambda: [0] * EXPOSURE_BINS)
    clicked: list[int] = msgspec.field(default_factory=lambda: [0] * EXPOSURE_BINS)
    users: int = 0
    value: dict[str, int] = {}
    cost: dict[str, int] = {}
    arms: dict[str, int] = {}
    making: Making | None = None

    @classmethod
    def of_bytes(cls, payload: bytes | None) -> Totals:
        """Content of a row; without one nothing was counted."""
        return cls() if payload is None else msgspec.msgpack.decode(payload, type=cls)

    def to_bytes(self) -> bytes:
        """As a row holds it."""
        return msgspec.msgpack.encode(self)

    def count(self, name: str) -> int:
        """A counter by its name."""
        return self.counts[COUNTER_FIELDS.index(name)]

    def add(self, other: Totals, sign: int = 1) -> None:
        """Add what another counted, or (-1) take it back."""
        for mine, more in (
            (self.counts, other.counts),
            (self.shown, other.shown),
            (self.clicked, other.clicked),
        ):
            for k, n in enumerate(more):
                mine[k] += sign * n
        self.users += sign * other.users
        for money, paid in ((self.value, other.value), (self.cost, other.cost), (self.arms, other.arms)):
            for name, n in paid.items():
                money[name] = sum_of(money.get(name, 0), sign * n)
                if not money[name]:
                    del money[name]
        if other.making is not None:
            self.making = self.making or Making()
            self.making.add(other.making, sign)


def totals_with_plays(payload: bytes) -> bytes:
    """Version 1 to 2 of a row: how far clips were played is counted from here on."""
    counts, *others = msgspec.msgpack.decode(payload)
    return msgspec.msgpack.encode(([*counts[:_COUNTS_1], *[0] * 5], *others))
