"""Caps count exactly: against a plain list of all impressions, whatever else the user is shown."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.arrays import Rows
from models.campaigns import LOOK_BACK_S, Cap
from models.earned.attribution import Known, known
from models.earned.cap_limits import CAP_TIMES, cap_faults
from models.earned.caps import UNSURE, shown_count
from models.earned.counters import cell_of
from models.earned.exposures import CAMPAIGN_SHIFT, CAPPED, EXPOSURES, add_live
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
    """Give impressions to the row, one batch: those that reached a cap, and how many counts miss one."""
    events = empty_events(len(shown))
    events["kind"], events["status"], events["purposes"] = EventKind.IMPRESSION, Status.APPLIED, ALL_PURPOSES
    for i, (ts, creative, cell) in enumerate(shown):
        events["ts"][i], events["creative"][i], events["cell"][i] = ts * 1000, creative, cell
        events["imp"][i], events["offset"][i] = i + 1, i
    _, capped, _, tally = join_events(x, events, 0, len(events), ref)
    return capped.tolist(), tally.uncounted


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


def bits_of(cells: list[int]) -> list[int]:
    return [cell >> CAMPAIGN_SHIFT for cell in cells]


def test_a_campaign_without_room_is_closed_until_its_window_has_passed_and_the_others_stay_exact() -> None:
    many = [cell_of((f"m{i}", "native", "none", "t1", "none")) for i in range(CAPPED + 2)]
    ref = known({}, [(bits, 9, DAY_S, False) for bits in bits_of(many)])
    x = empty_x()
    add_live(x[0], np.uint64(OWN[0]), np.uint64(many[-1]), 1 << 31, 1)
    capped, uncounted = show(x, [(1_000 + k, 0, cell) for k, cell in enumerate(many[:-1])], ref)
    assert not capped and uncounted == 1
    capped, uncounted = show(x, [(1_050, OWN[0], many[-1])], ref)
    assert capped == [0] and uncounted == 1, "its creative goes at once: how often it was shown is not known"
    found = [held(x, bits, 0, 1_060, DAY_S) for bits in bits_of(many)]
    assert found == [1] * CAPPED + [UNSURE] * 2
    later = 1_051 + DAY_S
    assert show(x, [(later, OWN[0], many[-1]), (later + 1, OWN[0], many[-1])], ref) == ([], 0)
    assert held(x, bits_of(many)[-1], 0, later + 1, DAY_S) == 2


def test_a_lifetime_count_is_never_given_up_and_ended_campaigns_make_room() -> None:
    many = [cell_of((f"m{i}", "native", "none", "t1", "none")) for i in range(CAPPED + 1)]
    for_ever = [(bits, 2, 0, False) for bits in bits_of(many)]
    x = empty_x()
    show(x, [(1_000 + k, 0, cell) for k, cell in enumerate(many)], known({}, for_ever))
    much_later = [(1_000 + 80 * DAY_S, 0, many[-1])]
    assert show(x, much_later, known({}, for_ever))[1] == 1
    assert [held(x, bits, 0, 1_000 + 80 * DAY_S, 0) for bits in bits_of(many)] == [1] * CAPPED + [UNSURE]
    other = cell_of(("another", "native", "none", "t1", "none"))
    without_first = known({}, [*for_ever[1:], (other >> CAMPAIGN_SHIFT, 2, 0, False)])
    assert show(x, [(1_001 + 80 * DAY_S, 0, other)], without_first)[1] == 0
    assert held(x, other >> CAMPAIGN_SHIFT, 0, 1_001 + 80 * DAY_S, 0) == 1


def test_counts_of_creatives_that_are_live_no_more_make_room() -> None:
    ref = known({}, [(BITS[0], 3, 0, True)])
    x, n = empty_x(), CAPPED + 9
    for k in range(n):
        add_live(x[0], np.uint64(500 + k), np.uint64(CELLS[0]), 1 << 31, 1)
        for _ in range(3):
            assert show(x, [(1_000 + k, 500 + k, 0)], ref)[1] == 0
    assert held(x, BITS[0], 500 + n - 1, 2_000, 0) == 3 and held(x, BITS[0], 500, 2_000, 0) == 0


def test_caps_that_lose_a_time_are_closed_until_it_would_have_left_their_window() -> None:
    x = empty_x()
    crowd = [(1_000 + k, 0, CELLS[k % 2]) for k in range(2 * CAP_TIMES)]
    both = known({}, [(bits, CAP_TIMES, DAY_S, False) for bits in BITS[:2]])
    _, uncounted = show(x, crowd, both)
    assert uncounted == CAP_TIMES
    lost = 1_000 + CAP_TIMES - 1
    assert [held(x, bits, 0, lost + DAY_S - 1, DAY_S) for bits in BITS[:2]] == [UNSURE] * 2
    now = lost + DAY_S
    for half, bits in enumerate(BITS[:2]):
        mine = [shown for shown in crowd if shown[2] == CELLS[half]]
        assert held(x, bits, 0, now, DAY_S) == count(mine, bits, 0, now, DAY_S) == CAP_TIMES // 2


def test_times_no_cap_can_need_make_room() -> None:
    x = empty_x()
    ref = known({}, [(BITS[0], CAP_TIMES - 4, 3_600, False), (BITS[1], CAP_TIMES - 4, 3_600, False)])
    assert show(x, [(1_000 + k, 0, CELLS[0]) for k in range(CAP_TIMES - 4)], ref)[1] == 0
    assert show(x, [(9_000 + k, 0, CELLS[1]) for k in range(CAP_TIMES - 4)], ref)[1] == 0
    assert held(x, BITS[1], 0, 9_100, 3_600) == CAP_TIMES - 4


@pytest.mark.parametrize(
    ("caps", "field"),
    [
        ([Cap(CAP_TIMES, DAY_S)], ""),
        ([Cap(CAP_TIMES + 1, DAY_S)], "cap[0].n"),
        ([Cap(1, DAY_S), Cap(CAP_TIMES + 1, LOOK_BACK_S, "creative")], "cap[1].n"),
        ([Cap(40, 7 * DAY_S), Cap(24, 3_600, "creative"), Cap(9, 60)], ""),
        ([Cap(40, 7 * DAY_S), Cap(25, 3_600, "creative")], "cap[0].n"),
        ([Cap(10**9)], ""),
        ([Cap(1, LOOK_BACK_S), Cap(1, LOOK_BACK_S + 1)], "cap[1].per_s"),
        ([Cap(0)], "cap[0].n"),
        ([Cap(1), Cap(1, 0)], "cap[1].per_s"),
        ([Cap(1, DAY_S, "user")], "cap[0].scope"),
    ],
)
def test_what_cannot_be_held_to_is_said_by_its_field(caps: list[Cap], field: str) -> None:
    found = list(cap_faults(caps))
    assert [where for where, _ in found] == ([field] if field else [])
    assert all("at most" in what or "allowed" in what for _, what in found)
