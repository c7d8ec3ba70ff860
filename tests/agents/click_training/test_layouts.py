"""What layouts earned: faded sums that do not depend on the order, of pictures that turned out as drawn."""

from __future__ import annotations

from typing import Any

import pytest

from agents.click_training.layouts import LayoutArms
from streams import records as r
from tests.agents.click_training.test_lessons import AT, exposure

HALF_MS = 1_000.0
VERSION = 7


def shown(number: int, ts: int = AT, **more: Any) -> r.Exposure:
    return exposure(f"x{number}", ts=ts, **{"layout": "shelf", "layout_propensity": 0.5, **more})


def told(arms: LayoutArms, at_ms: int = AT) -> dict[tuple[str, str], tuple[float, float]]:
    return {(each.slot, each.arm): (each.alpha, each.beta) for each in arms.told(at_ms, VERSION)}


def test_clicks_count_for_the_layout_and_a_hide_takes_one_back() -> None:
    arms = LayoutArms(HALF_MS)
    arms.take([shown(0, clicked=True), shown(1), shown(2, clicked=True), shown(3, hidden=True)])
    arms.take([shown(4, layout="beside", clicked=True), shown(5, slot="text")])
    assert told(arms) == {
        ("native", "@shelf"): (1.0, 3.0), ("native", "@beside"): (1.0, 0.0), ("text", "@shelf"): (0.0, 1.0),
    }  # fmt: skip
    assert told(arms) == {}, "nothing changed since"


def test_a_picture_that_turned_out_otherwise_or_was_not_drawn_by_chance_says_nothing() -> None:
    arms = LayoutArms(HALF_MS)
    arms.take([shown(0, layout_propensity=None), shown(1, layout=None)])
    assert told(arms) == {}


def test_what_is_older_weighs_less_in_whichever_order_it_comes() -> None:
    log = [shown(0, AT, clicked=True), shown(1, AT + 1_000), shown(2, AT + 2_000, clicked=True)]
    forth, back = LayoutArms(HALF_MS), LayoutArms(HALF_MS)
    forth.take(log)
    back.take(log[::-1])
    assert told(forth, AT + 2_000) == told(back, AT + 2_000) == {("native", "@shelf"): (1.25, 0.5)}


def test_the_next_worker_goes_on_from_what_was_published() -> None:
    first, one = LayoutArms(HALF_MS), LayoutArms(HALF_MS)
    first.take([shown(0, clicked=True), shown(1)])
    published = list(first.told(AT + 500, VERSION))
    next_worker = LayoutArms(HALF_MS)
    next_worker.restore([*published, r.ArmPosterior("c1", "native", "direct.t1", 9, 9, "1")], VERSION)
    for arms in (next_worker, one):
        arms.take([shown(2, AT + 1_000)])
    one.take([shown(0, clicked=True), shown(1)])
    whole, [(place, counts)] = told(one, AT + 1_000), told(next_worker, AT + 1_000).items()
    assert whole[place] == pytest.approx(counts, abs=1e-3)


def test_what_stands_on_a_version_that_is_not_gone_on_from_is_counted_again() -> None:
    """A version that came damaged: reading goes on where the one before it says."""
    log = [shown(0, clicked=True), shown(1)]
    first, next_worker = LayoutArms(HALF_MS), LayoutArms(HALF_MS)
    first.take(log)
    next_worker.restore(first.told(AT, VERSION), VERSION - 1)
    next_worker.take(log)
    assert told(next_worker) == {("native", "@shelf"): (1.0, 1.0)}
    older_build = r.ArmPosterior("c1", "native", "@shelf", 3, 4, f"{AT}")
    next_worker.restore([older_build], 1)
    next_worker.take([shown(2)])
    assert told(next_worker) == {("native", "@shelf"): (3.0, 5.0)}
