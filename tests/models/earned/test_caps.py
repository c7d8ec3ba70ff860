"""Caps count exactly: against a plain list of all impressions, whatever else the user is shown."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.arrays import Rows
from models.earned.attribution import Known, known
from models.earned.caps import shown_count
from models.earned.counters import cell_of
from models.earned.exposures import CAMPAIGN_SHIFT, CAP_TIMES, EXPOSURES, add_live
from models.earned.joins import join_events, know_creative
from models.event.consent import ALL_PURPOSES, KIND_X, open_row
from models.event.layout import EventKind, Status, empty_events
from models.row import EXPOSURES_VERSION

DAY_S = 86_400
CELLS = [cell_of((f"c{i}", "native", "none", "t1", "none")) for i in range(4)]
BITS = [cell >> CAMPAIGN_SHIFT for cell in CELLS]
OWN = (101, 102)
"""Creatives of the first campaign."""
CAPS = known(
    {},
    [
        (BITS[0], 5, DAY_S, False),
        (BITS[0], 20, 30 * DAY_S, False),
        (BITS[0], 2, 3_600, True),
        (BITS[0], 9, 0, True),
        (BITS[1], 30, 600, False),
        (BITS[2], 12, 0, False),
    ],
)
Shown = tuple[int, int, int]
"""ts, creative, cell."""


def empty_x() -> Rows:
    x = np.zeros(1, EXPOSURES)
    open_row(x[0], KIND_X, EXPOSURES_VERSION)
    return x


def show(x: Rows, shown: list[Shown], ref: Known) -> tuple[list[int], int]:
    """Give impressions to the row, one batch: those that reached a cap, and how many evictions."""
    events = empty_events(len(shown))
    events["kind"], events["status"], events["purposes"] = EventKind.IMPRESSION, Status.APPLIED, ALL_PURPOSES
    for i, (ts, creative, cell) in enumerate(shown):
        events["ts"][i], events["creative"][i], events["cell"][i] = ts * 1000, creative, cell
        events["imp"][i], events["offset"][i] = i + 1, i
    _, capped, tally = join_events(x, events, 0, len(events), ref)
    return capped.tolist(), tally.evicted


def count(shown: list[Shown], campaign: int, creative: int, ts: int, per_s: int) -> int:
    return sum(
        (c == creative if creative else cell >> CAMPAIGN_SHIFT == campaign) and (not per_s or t > ts - per_s)
        for t, c, cell in shown
    )


def held(x: Rows, campaign: int, creative: int, ts: int, per_s: int) -> int:
    return int(shown_count(x[0], np.uint64(creative), np.uint64(campaign), ts, per_s, bool(creative)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_counts_are_those_of_all_impressions(seed: int) -> None:
    rng = random.Random(seed)
    x, ts, shown = empty_x(), 1_000_000, list[Shown]()
    gap = rng.choice((20, 600, 5_000, 60_000))
    for _ in range(rng.randrange(1, 12)):
        some: list[Shown] = []
        for _ in range(rng.randrange(1, 40)):
            ts += rng.randrange(gap)
            campaign = rng.choice((0, 0, 1, 2, 3, None))
            creative = rng.choice((*OWN, 0)) if campaign == 0 else 0
            some.append((ts, creative, 0 if campaign is None else CELLS[campaign]))
        show(x, some, CAPS)
        shown += some
        for c in range(CAPS.cap_campaign.size):
            bits, n, per_s = int(CAPS.cap_campaign[c]), int(CAPS.cap_n[c]), int(CAPS.cap_per_s[c])
            for creative in OWN if CAPS.cap_creative[c] else (0,):
                want = count(shown, bits, creative, ts, per_s)
                found = held(x, bits, creative, ts, per_s)
                assert found == want if per_s == 0 else min(found, n) == min(want, n)


def test_a_cap_is_reached_though_others_fill_the_list_of_exposures() -> None:
    x = empty_x()
    add_live(x[0], np.uint64(OWN[0]), np.uint64(CELLS[0]), 1 << 31, 1)
    five = known({}, [(BITS[0], 5, DAY_S, False)])
    reached = []
    for i in range(5):
        foreign = [(1_000 + 100 * i + k, 0, 0) for k in range(30)]
        capped, _ = show(x, [*foreign, (1_000 + 100 * i + 50, OWN[0], CELLS[0])], five)
        reached.append(capped)
    assert reached == [[], [], [], [], [30]]


@pytest.mark.parametrize("n", [25, CAP_TIMES])
def test_a_cap_may_be_larger_than_the_list_of_exposures(n: int) -> None:
    x = empty_x()
    add_live(x[0], np.uint64(OWN[0]), np.uint64(CELLS[0]), 1 << 31, 1)
    shown = [(1_000 + k, OWN[0], CELLS[0]) for k in range(n)]
    capped, _ = show(x, shown, known({}, [(BITS[0], n, DAY_S, False)]))
    assert capped == [n - 1]
    x = empty_x()
    add_live(x[0], np.uint64(OWN[0]), np.uint64(CELLS[0]), 1 << 31, 1)
    capped, _ = show(x, [*shown, (1_000 + DAY_S + n, OWN[0], CELLS[0])], known({}, [(BITS[0], n, 0, True)]))
    assert capped == [n - 1, n], "a lifetime has no window"


def test_a_creative_that_is_known_later_is_counted_for_its_campaign_alone() -> None:
    late, early = empty_x(), empty_x()
    shown = [(1_000 + k, OWN[0], 0) for k in range(4)]
    show(late, [(ts, creative, CELLS[2]) for ts, creative, _ in shown], CAPS)  # a wrong guess
    know_creative(late, 0, OWN[0], CELLS[0], 6, 9, CAPS)
    add_live(early[0], np.uint64(OWN[0]), np.uint64(CELLS[0]), 1 << 31, 1)
    show(early, shown, CAPS)
    assert held(late, BITS[2], 0, 2_000, 0) == 0
    for name in ("cap_key", "cap_total", "cap_newest", "cap_ts", "cap_at", "n_caps", "n_cap_ts"):
        assert late[name].tolist() == early[name].tolist(), name


def test_what_no_room_is_left_for_is_said() -> None:
    many = [cell_of((f"m{i}", "native", "none", "t1", "none")) for i in range(12)]
    ref = known({}, [(cell >> CAMPAIGN_SHIFT, 9, DAY_S, False) for cell in many])
    x = empty_x()
    _, evicted = show(x, [(1_000 + k, 0, cell) for k, cell in enumerate(many)], ref)
    assert evicted == 2 and x["n_caps"][0] == 10
    assert [held(x, cell >> CAMPAIGN_SHIFT, 0, 1_012, DAY_S) for cell in many] == [0, 0] + [1] * 10
    x = empty_x()
    crowd = [(1_000 + k, 0, CELLS[k % 2]) for k in range(2 * CAP_TIMES)]
    both = known({}, [(bits, CAP_TIMES, DAY_S, False) for bits in BITS[:2]])
    _, evicted = show(x, crowd, both)
    assert evicted == 2 * CAP_TIMES - 24 + CAP_TIMES  # exposures, and times
