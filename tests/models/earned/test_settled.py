"""Exposures are told once each, with all that followed them, in whatever order topics and batches come."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from models.arrays import Rows
from models.earned.attribution import known
from models.earned.counters import cell_of
from models.earned.exposures import CAMPAIGN_SHIFT, EXPOSURES, HIDDEN, LIKED, VIEWED, add_live
from models.earned.joins import join_events, know_creative
from models.earned.settled import count_due, settle_due
from models.event.consent import ALL_PURPOSES, KIND_X, open_row
from models.event.fill import event_id
from models.event.layout import EventKind, EventSource, Status, empty_events
from models.row import EXPOSURES_VERSION
from tests.models.earned.exposure_truth import (
    CLICK_MS,
    CREATIVES,
    OWN,
    VIEW_MS,
    Happened,
    Told,
    life,
    truth_of,
)

CELLS = {name: cell_of((name, "native", "none", "t1", "none")) for name in "ab"}
NOBODY = cell_of(("none", "none", "unattributed", "none", "none"))
REF = known(
    {creative: CELLS[of] for creative, of in CREATIVES.items() if creative not in OWN},
    [],
    {CELLS[k] >> CAMPAIGN_SHIFT: (CLICK_MS[k] // 1000, VIEW_MS[k] // 1000) for k in CELLS},
)
KINDS = {
    "impression": (EventKind.IMPRESSION, EventSource.IMPRESSION),
    "view": (EventKind.VIEWABLE, EventSource.IMPRESSION),
    "click": (EventKind.CLICK, EventSource.CLICK),
    "like": (EventKind.LIKE, EventSource.BEHAVIOR),
    "hide": (EventKind.HIDE, EventSource.BEHAVIOR),
    "conversion": (EventKind.CONVERSION, EventSource.CONVERSION),
}
EVER_S = 1 << 40
ID = 1 << 40


class User:
    """One row x, and what was told of it."""

    def __init__(self) -> None:
        self.x, self.told = np.zeros(1, EXPOSURES), list[Rows]()
        open_row(self.x[0], KIND_X, EXPOSURES_VERSION)

    def apply(self, log: Sequence[Happened], clock_s: int = 0) -> None:
        """One batch of one topic."""
        if log[0].kind == "publish":
            for each in log:
                number, cell = np.uint64(each.creative), np.uint64(CELLS[CREATIVES[each.creative]])
                add_live(self.x[0], number, cell, 1 << 31, 1)
                know_creative(self.x, 0, int(number), int(cell), EventSource.CREATIVE, 0, REF)
            return
        events = np.concatenate([event_of(each) for each in log])
        self.told.append(join_events(self.x, events, 0, len(events), REF, clock_s).told)

    def settle(self, clock_s: int = EVER_S) -> None:
        self.told.append(settle_due(self.x, REF, clock_s))

    def said(self) -> dict[int, Told]:
        """By impression id; each once."""
        rows = np.concatenate(self.told)
        found = {int(t["imp"]) - ID: _told(t) for t in rows}
        assert len(found) == len(rows), "told twice"
        return found


def event_of(each: Happened) -> Rows:
    kind, source = KINDS[each.kind]
    made = empty_events(1)
    made["kind"], made["source"], made["ts"], made["creative"] = kind, source, each.ts, each.creative
    made["status"], made["purposes"], made["id"] = (
        Status.APPLIED,
        ALL_PURPOSES,
        event_id(source, ID + each.id),
    )
    named = event_id(EventSource.CLICK, ID + each.click) if each.click else ID + each.imp if each.imp else 0
    made["imp"], made["order"], made["value_minor"], made["currency"] = (
        named,
        each.order,
        each.value,
        each.currency,
    )
    made["cell"] = 0 if each.kind in ("impression", "view") else NOBODY
    return made


def _told(t: Any) -> Told:
    money: Counter[int] = Counter()
    for currency, value in zip(t["paid"].tolist(), t["value"].tolist(), strict=True):
        money[currency] += value
    return Told(
        int(t["ts_ms"]),
        int(t["creative"]),
        bool(t["flags"] & VIEWED),
        int(t["click_after_s"]),
        int(t["invalid_clicks"]),
        bool(t["acts"] & LIKED),
        bool(t["acts"] & HIDDEN),
        int(t["sales"]),
        Counter({currency: value for currency, value in money.items() if value}),
    )


def shuffled(log: Sequence[Happened], rng: random.Random) -> Iterator[list[Happened]]:
    """Batches of one topic each, the topics in any order, each in its own."""
    queues: dict[str, list[Happened]] = {}
    for each in log:
        queues.setdefault(each.topic, []).append(each)
    while queues:
        topic = rng.choice(sorted(queues))
        n = rng.randint(1, 6)
        yield queues[topic][:n]
        if not (queues.update({topic: queues[topic][n:]}) or queues[topic]):
            del queues[topic]


def without_zeros(told: dict[int, Told]) -> dict[int, Told]:
    for each in told.values():
        each.value = Counter({currency: value for currency, value in each.value.items() if value})
    return told


@pytest.mark.parametrize("nth", [*range(40), 1132, 1868, 2199])
def test_what_is_told_does_not_depend_on_the_order_of_topics_and_batches(nth: int) -> None:
    rng = random.Random(nth)
    log = life(rng, impressions=18, acts=5, sales=4)
    want = without_zeros(truth_of(log))
    for _ in range(3):
        user = User()
        for batch in shuffled(log, rng):
            user.apply(batch)
        user.settle()
        user.settle()
        assert user.said() == want


@pytest.mark.parametrize("nth", range(40))
def test_what_is_settled_as_its_window_closes_is_what_is_known_in_the_end(nth: int) -> None:
    """Acts and conversions that leave their lists meanwhile stay with their exposure."""
    rng = random.Random(100 + nth)
    log = life(rng, impressions=20, acts=14, sales=16)
    user = User()
    for each in log:
        user.apply([each])
        if rng.random() < 0.3:
            user.settle(each.ts // 1000 - 1)
    user.settle()
    said, want = user.said(), without_zeros(truth_of(log))
    assert said.keys() == want.keys()
    for id, told in said.items():
        assert (told.click_after_s, told.liked, told.hidden, told.viewed) == (
            want[id].click_after_s, want[id].liked, want[id].hidden, want[id].viewed,
        )  # fmt: skip


@pytest.mark.parametrize("nth", range(20))
def test_each_exposure_of_ours_is_told_once_though_most_leave_the_row(nth: int) -> None:
    rng = random.Random(200 + nth)
    log = life(rng, impressions=90, acts=20, sales=8)
    user = User()
    for batch in shuffled(log, rng):
        user.apply(batch)
    user.settle()
    ours = {each.id for each in log if each.kind == "impression" and each.creative in CREATIVES}
    shared = {id for id in ours if next(e for e in log if e.id == id).creative not in OWN}
    assert shared <= user.said().keys() <= ours, (
        "of a creative whose record came after it had left none is told"
    )


def test_only_what_is_over_is_due_and_only_once() -> None:
    user, shown = User(), Happened("impression", 1_790_000_000_500, 1, 1, creative=11)
    user.apply([shown])
    closes_s = 1_790_000_000 + CLICK_MS["a"] // 1000
    assert count_due(user.x, REF, closes_s - 1).tolist() == [0]
    assert count_due(user.x, REF, closes_s).tolist() == [1]
    user.settle(closes_s)
    assert len(user.said()) == 1 and count_due(user.x, REF, EVER_S).tolist() == [0]
    assert user.told[-1]["closed"].tolist() == [1]


def test_what_left_the_row_before_its_window_closed_says_so() -> None:
    user = User()
    first = 1_790_000_000_000
    for k in range(26):
        clock_s = 0 if k < 25 else 1 << 33
        user.apply([Happened("impression", first + 1_000 * k, 1 + k, 1 + k, creative=11)], clock_s)
    assert [int(t["closed"]) for rows in user.told for t in rows] == [0, 1]
