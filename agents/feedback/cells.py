"""Which published cells an outcome feeds, and under which keys they stand.

Cardinality: windows of a minute say campaign, arm and slot alone; longer ones have the whole cell. Each
campaign has one cell of its own per window, in which every other name is `*`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from models.earned.counters import COUNTER_FIELDS, WINDOWS_S
from models.measured.making import Making
from models.measured.totals import Totals
from streams import records as r
from streams.records.feedback import EVERY

_MINUTE_S: Final = WINDOWS_S[0]


class Cell(NamedTuple):
    """One published cell and window."""

    campaign_id: str
    template_id: str
    arm: str
    slot: str
    segment: str
    window_s: int
    window: int  # start, Unix ms

    @property
    def key(self) -> str:
        """Key on ads.creative.metric.v1."""
        return "|".join((*self[:5], f"{self.window_s}:{self.window}"))

    @classmethod
    def of_row(cls, key: bytes) -> Cell:
        """The cell of a row's key without its kind."""
        *names, window = key.decode().split("\x1f")
        size, _, start = window.partition(":")
        return cls(names[0], names[1], names[2], names[3], names[4], int(size), int(start))

    @staticmethod
    def beginning(campaign_id: str) -> bytes:
        """Of the keys of all rows of a campaign, without their kind."""
        return f"{campaign_id}\x1f".encode()

    @property
    def row(self) -> bytes:
        """Key of its row; names may hold bars, a row's parts are divided by what no name holds."""
        return "\x1f".join((*self[:5], f"{self.window_s}:{self.window}")).encode()


def cells_of(outcome: r.Outcome) -> tuple[Cell, Cell]:
    """The cell that an outcome feeds, and its campaign's."""
    window = outcome.window_s, outcome.window
    campaign, slot, arm = outcome.campaign_id, outcome.slot, outcome.arm
    own = (
        Cell(campaign, EVERY, arm, slot, EVERY, *window)
        if outcome.window_s == _MINUTE_S
        else Cell(campaign, outcome.template_id, arm, slot, outcome.segment, *window)
    )
    return own, Cell(campaign, EVERY, EVERY, EVERY, EVERY, *window)


def totals_of(outcome: r.Outcome) -> Totals:
    """What an outcome counts."""
    counts, made = outcome.counts, outcome.making
    return Totals(
        counts=[getattr(counts, name) for name in COUNTER_FIELDS],
        shown=list(counts.by_exposure),
        clicked=list(counts.clicked_by_exposure),
        users=counts.users,
        value=dict(outcome.value_minor),
        cost=dict(outcome.cost_minor),
        making=None if made is None else making_of(made),
    )


def making_of(made: r.OutcomeMaking) -> Making:
    """The same as the rows of feedback hold it."""
    return Making(
        dict(made.by_status), dict(made.review), list(made.queue_bins), list(made.total_bins), made.cpu_us,
        made.novelty, made.novelties, made.creatives, made.bigrams, made.sketch,
    )  # fmt: skip
