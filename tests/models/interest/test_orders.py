"""Orders and returns: every line that was taken teaches, nothing that came back does, and what was just taken
is known whatever was searched for since."""

from __future__ import annotations

import numpy as np
import pytest

from models.arrays import Rows
from models.choice.served import WANTED, newest_items
from models.event.layout import LINE, NO_LINES, EventKind, EventSource
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import FIRE, SHIFT_TRIGGER, empty_profiles
from models.interest.update import Updates, update_profiles
from tests.models.interest.test_update import EAGER, MINUTE_MS, after, clicks
from tests.models.streams_of_events import small_catalog

CATALOG = small_catalog()
KEYS = CATALOG.item_keys
CALM = DetectorSettings(threshold=1e9)
FIRST = np.zeros(1, FIRE)[0]
FIRST["change_slot"] = -1


def orders(*items: int, order: int = 0, gap_ms: int = MINUTE_MS) -> Rows:
    events = clicks(list(items), gap_ms, EventKind.CONVERSION)
    events["source"], events["order"] = EventSource.CONVERSION, order
    return events


def lines(of: Rows, *items: int) -> Rows:
    """Of one order, beside its own item."""
    found = np.zeros(len(items), LINE)
    found["offset"], found["item"] = of["offset"][0], items
    found["code"], found["price_z"] = CATALOG.codes[list(items)], CATALOG.price_z[list(items)]
    return found


def learnt(events: Rows, more: Rows = NO_LINES, knobs: DetectorSettings = EAGER) -> tuple[Rows, Updates]:
    rows = empty_profiles(1)
    return rows[0], update_profiles(rows, events, CATALOG, knobs, lines=more)


@pytest.mark.parametrize("value_minor", [-500, -1])
def test_a_return_attracts_nothing_and_is_no_purchase(value_minor: int) -> None:
    events = orders(5, 6)
    events["value_minor"] = value_minor
    row = learnt(events)[0]
    assert row["n_pos"] == row["n_conv"] == row["t_conv"] == row["n_seen"] == 0
    assert row["m_long"] == 0 and not row["hist"].any() and not row["newest"].any()
    assert row["t_seen"] == events["ts"][1], "it was seen"
    first = clicks([0] * 12 + [7] * 12)
    back = first.copy()
    back["kind"][12:], back["value_minor"][12:] = EventKind.CONVERSION, value_minor
    assert SHIFT_TRIGGER in learnt(first)[1].fires["kind"]
    assert SHIFT_TRIGGER not in learnt(back)[1].fires["kind"]


def test_every_line_of_an_order_teaches_as_a_purchase_of_its_own() -> None:
    order = orders(5)
    whole = learnt(order, lines(order, 9, 30))[0]
    apart = learnt(orders(5, 9, 30, gap_ms=0))[0]
    assert whole["newest"].tolist()[:3] == KEYS[[30, 9, 5]].tolist()
    assert whole["n_conv"] == 1 and apart["n_conv"] == 3
    for name in ("long", "short", "hist", "ring", "newest", "top_item", "n_pos", "price_mean", "freq"):
        assert np.array_equal(whole[name], apart[name]), name
    assert whole["bot_count"] == 1, "one purchase"


def test_lines_belong_to_the_order_of_their_offset_alone_however_the_batch_is_cut() -> None:
    events = orders(5, 6, 7)
    more = np.concatenate([lines(events[:1], 30), lines(events[2:], 31, 32)])
    whole = learnt(events, more)[0]
    rows = empty_profiles(1)
    for at in range(3):
        update_profiles(rows, events[at : at + 1].copy(), CATALOG, EAGER, lines=more)
    assert rows[0].tobytes() == whole.tobytes()
    assert whole["newest"].tolist()[:6] == KEYS[[32, 31, 7, 6, 30, 5]].tolist()


def test_an_order_asks_once_and_its_request_knows_all_its_lines() -> None:
    before = clicks([0] * 40)
    order = orders(27)
    order["ts"], order["offset"] = before["ts"][-1] + 3_600_000, 40
    of_one_code = list(range(47, 200, 20))
    row, done = learnt(np.concatenate([before, order]), lines(order, *of_one_code))
    assert done.fires["event"].tolist() == [7, 40]
    wanted, taken = newest_items(done.snapshots[1], done.fires[1])
    assert wanted == KEYS[of_one_code[::-1]].tolist()[:WANTED] and KEYS[27] in wanted + taken
    assert taken[-1] == KEYS[0], "what he liked before"
    assert row["n_trig"] == 2


def test_searches_do_not_make_a_user_forget_what_he_took() -> None:
    events = clicks([5, 9, 9, 9, 9, 9, 9])
    events["kind"][2:], events["item"][2:], events["code"][2:] = EventKind.SEARCH, -1, 3
    row = after(events, CATALOG, CALM)[0]
    assert newest_items(row, FIRST) == ([KEYS[9], KEYS[5]], [])
    assert row["newest_age"].tolist()[:2] == [11, 12], "the ring moved on by two with each search"


def test_what_is_preferred_leaves_what_was_bought_before_known() -> None:
    events = np.concatenate([clicks([0] * 12), orders(7)])
    events["ts"][12], events["offset"][12] = events["ts"][11] + MINUTE_MS, 12
    said = clicks([0])
    said["kind"], said["item"], said["code"] = EventKind.PREFER, -1, 7
    said["ts"], said["offset"] = events["ts"][12] + MINUTE_MS, 13
    done = learnt(np.concatenate([events, said]))[1]
    assert done.fires["event"][-1] == 13
    assert newest_items(done.snapshots[-1], done.fires[-1]) == ([], [KEYS[7], KEYS[0]])


def test_what_is_clicked_again_or_bought_after_a_click_is_the_newest_again() -> None:
    assert after(clicks([5, 6, 5]))[0]["newest"].tolist()[:3] == [KEYS[5], KEYS[6], 0]
    likes = clicks([5, *range(6, 16), 5], gap_ms=MINUTE_MS)
    likes["kind"][1:11], likes["kind"][11] = EventKind.LIKE, EventKind.CONVERSION
    assert after(likes)[0]["newest"].tolist()[:2] == [KEYS[5], KEYS[15]]
