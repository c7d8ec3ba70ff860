"""What conversions are credited to, by hand: one user, times in seconds."""

from __future__ import annotations

import numpy as np
import pytest

from models.arrays import Rows
from models.earned.attribution import Known, known
from models.earned.counters import Field, cell_of
from models.earned.exposures import CAMPAIGN_SHIFT
from models.earned.joins import JoinTally, join_events, know_creative
from models.event.layout import EventKind, EventSource
from tests.models.earned.test_attribution import event, rows_x

DAY_S = 86_400
T = 30 * DAY_S
NOBODY = 22
A, B = (cell_of((name, "native", "none", "t1", "none")) for name in "ab")
OURS = known({}, [])
IMPRESSION, CLICK, CONVERSION = EventKind.IMPRESSION, EventKind.CLICK, EventKind.CONVERSION


class User:
    """One row, and where its money is."""

    def __init__(self, ref: Known = OURS) -> None:
        self.x, self.ref, self.n = rows_x(), ref, 0
        self.deltas: list[Rows] = []
        self.tally = JoinTally(*[0] * len(JoinTally._fields))

    def add(self, kind: EventKind, ts_s: int, **fields: int) -> None:
        self.n += 1
        made = event(kind, ts_s, self.n, **{"id": 1_000 + self.n, "cell": NOBODY, **fields})
        deltas, _, _, self.tally = join_events(self.x, made, 0, 1, self.ref)
        self.deltas.append(deltas)

    def show(self, ts_s: int, cell: int, imp: int, **fields: int) -> None:
        self.add(IMPRESSION, ts_s, cell=cell, imp=imp, **fields)

    def click(self, ts_s: int, cell: int, imp: int, **fields: int) -> None:
        """An impression and its click a second later."""
        self.show(ts_s - 1, cell, imp)
        self.add(CLICK, ts_s, imp=imp, **fields)

    def buy(self, ts_s: int, value: int = 1_000, **fields: int) -> None:
        self.add(CONVERSION, ts_s, value_minor=value, currency=1, **fields)

    def money(self) -> dict[int, int]:
        """By cell, without zeros."""
        found: dict[int, int] = {}
        for d in np.concatenate(self.deltas):
            if d["field"] == Field.CONVERSIONS:
                found[int(d["cell"])] = found.get(int(d["cell"]), 0) + int(d["value"])
        return {cell: value for cell, value in found.items() if value}


def test_a_view_a_second_before_the_purchase_does_not_beat_a_click() -> None:
    user = User()
    user.click(T - 6 * DAY_S, A, 1)
    user.show(T - 1, B, 2)
    user.buy(T)
    assert user.money() == {A: 1_000}


@pytest.mark.parametrize(("ago_s", "earns"), [(DAY_S, True), (DAY_S + 1, False), (20 * DAY_S, False)])
def test_a_view_earns_for_a_day(ago_s: int, earns: bool) -> None:
    user = User()
    user.show(T - ago_s, A, 1)
    user.buy(T)
    assert user.money() == {A if earns else NOBODY: 1_000}


@pytest.mark.parametrize(("ago_s", "earns"), [(7 * DAY_S, True), (7 * DAY_S + 1, False)])
def test_a_click_earns_for_a_week(ago_s: int, earns: bool) -> None:
    user = User()
    user.click(T - ago_s, A, 1)
    user.buy(T)
    assert user.money() == {A if earns else NOBODY: 1_000}


def test_a_campaign_may_have_windows_of_its_own_and_nothing_of_0_earns() -> None:
    ref = known({}, [], {A >> CAMPAIGN_SHIFT: (3_600, 0), B >> CAMPAIGN_SHIFT: (9 * DAY_S, 2 * DAY_S)})
    user = User(ref)
    user.show(T - 2 * DAY_S, B, 1)
    user.click(T - 3_601, A, 2)
    user.show(T, A, 3)
    user.buy(T)
    assert user.money() == {B: 1_000}
    user.click(T - 8 * DAY_S, B, 4)
    user.buy(T + 1, 5)
    assert user.money() == {B: 1_005}
    user.buy(T - 1, 7)
    assert user.money() == {A: 7, B: 1_005}, (
        "an hour and a second before the first purchase, an hour before this"
    )


def test_windows_of_all_campaigns_are_told() -> None:
    user = User(known({}, [], others=(0, 60)))
    user.click(T - 100, A, 1)
    user.buy(T)
    user.show(T - 60, B, 2)
    assert user.money() == {B: 1_000}


def test_a_return_goes_to_the_touch_of_its_order_whatever_came_between() -> None:
    user = User()
    user.click(T, A, 1)
    user.buy(T + 60, 5_000, order=7)
    user.click(T + 120, B, 2)
    user.buy(T + 180, -2_000, order=7)
    assert user.money() == {A: 3_000} and user.tally.uncredited == 0


def test_a_return_of_an_order_that_is_not_known_is_nobodys_and_is_counted() -> None:
    user = User()
    user.click(T, A, 1)
    user.buy(T + 60, 5_000, order=7)
    for order in (8, 0):
        user.buy(T + 120, -2_000, order=order)
        assert user.tally.uncredited == 1
    assert user.money() == {A: 5_000, NOBODY: -4_000}


def test_a_return_follows_its_sale_to_a_late_touch_and_may_come_before_it() -> None:
    user = User()
    user.show(T, A, 1)
    user.buy(T + 90, -500, order=7)
    user.buy(T + 60, 2_000, order=7)
    assert user.money() == {A: 1_500}
    user.click(T + 50, B, 2)
    assert user.money() == {B: 1_500}


def test_a_conversion_goes_to_the_click_or_impression_it_names() -> None:
    user = User()
    user.click(T - 20 * DAY_S, A, 1, id=77)
    user.click(T - 60, B, 2, id=78)
    user.buy(T, imp=77)
    user.buy(T, 10, imp=1)
    user.buy(T, 100, imp=99)
    assert user.money() == {A: 1_010, NOBODY: 100}
    user.show(T - 9, B, 99)
    assert user.money() == {A: 1_010, B: 100}


def test_a_named_click_is_found_after_others_took_its_place() -> None:
    user = User()
    for k in range(9):
        user.click(T + 10 * k, B if k else A, 1 + k, id=70 + k)
    user.buy(T + 200, imp=70)
    assert user.money() == {A: 1_000}


def test_what_is_nobodys_takes_no_place() -> None:
    user = User()
    user.click(T, A, 1)
    before = user.x.copy()
    for k in range(50):
        user.add(IMPRESSION, T + 10 + k, imp=100 + k, cell=0)
        user.add(CLICK, T + 10 + k)
        assert user.tally.evicted == 0
    assert user.x.tobytes() == before.tobytes()


def test_impressions_of_creatives_not_known_yet_wait_and_take_four_places_at_most() -> None:
    user = User()
    for k in range(24):
        user.show(T + k, A, 1 + k)
    for k in range(9):
        user.show(T + 100 + k, 0, 200 + k, creative=300 + k)
    assert user.x["shown_imp"][0].tolist() == [*range(5, 25), *range(205, 209)]
    user.buy(T + 200)
    assert user.money() == {A: 1_000}
    user.deltas.append(know_creative(user.x, 0, 305, B, EventSource.CREATIVE, 0, OURS))
    assert user.money() == {B: 1_000}
    user.show(T + 90, 0, 210, creative=310)
    user.show(T + 91, 0, 211, creative=311)
    assert user.tally.evicted == 1
    assert user.x["shown_imp"][0].tolist() == [*range(6, 25), 211, 205, *range(206, 209)]


def test_a_touch_that_comes_late_takes_over_only_when_it_is_better() -> None:
    user = User()
    user.buy(T)
    assert user.money() == {NOBODY: 1_000}
    user.show(T - 100, A, 1)
    assert user.money() == {A: 1_000}
    user.click(T - DAY_S, B, 2)
    assert user.money() == {B: 1_000}
    user.show(T - 1, A, 3)
    user.click(T - 2 * DAY_S, A, 4)
    user.click(T + 1, A, 5)
    assert user.money() == {B: 1_000}
