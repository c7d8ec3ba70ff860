"""Admission, joins and counters by hand: one user, times in seconds, three cells."""

from __future__ import annotations

import numpy as np

from models.arrays import Rows
from models.earned.admission import admit
from models.earned.attribution import known
from models.earned.counters import WINDOWS_S, Counters, Field, Sums
from models.earned.exposures import EXPOSURES
from models.earned.joins import MAX_DELTAS, join_events, know_creative
from models.event.consent import (
    ALL_PURPOSES,
    CONSENT_ROW,
    KIND_C,
    KIND_X,
    erase_row,
    open_row,
    state_consent,
)
from models.event.layout import CONSENT_KNOWN, EventKind, EventSource, Purpose, Status, empty_events
from models.row import EXPOSURES_VERSION

GUESS, NOWHERE, TRUE = 11, 22, 33
NOBODY = known({}, [])


def event(kind: EventKind, ts_s: int, offset: int = 0, **fields: int) -> Rows:
    """One event that may be learnt and measured."""
    made = empty_events(1)
    made["kind"], made["ts"], made["offset"], made["append_ts"] = kind, ts_s * 1000, offset, ts_s * 1000
    made["status"], made["purposes"] = Status.APPLIED, ALL_PURPOSES
    for name, value in fields.items():
        made[name] = value
    return made


def rows_x() -> Rows:
    x = np.zeros(1, EXPOSURES)
    open_row(x[0], KIND_X, EXPOSURES_VERSION)
    return x


def counted(*deltas: Rows) -> dict[tuple[int, Field], int]:
    """Sum of signs by cell and field, without zeros; what is counted by showing alone is told elsewhere."""
    found: dict[tuple[int, Field], int] = {}
    for d in np.concatenate(deltas):
        if d["field"] == Field.CLICKED:
            continue
        where = int(d["cell"]), Field(int(d["field"]))
        found[where] = found.get(where, 0) + int(d["sign"])
    return {where: n for where, n in found.items() if n}


def test_a_click_before_its_impression_moves_to_it() -> None:
    x = rows_x()
    first, _, _, tally = join_events(x, event(EventKind.CLICK, 1_050, imp=7, cell=NOWHERE), 0, 1, NOBODY)
    assert counted(first) == {(NOWHERE, Field.INVALID_CLICKS): 1} and tally.unattributed == 1
    second, _, _, tally = join_events(x, event(EventKind.IMPRESSION, 1_000, imp=7, cell=GUESS), 0, 1, NOBODY)
    assert (
        counted(first, second) == {(GUESS, Field.CLICKS): 1, (GUESS, Field.IMPRESSIONS): 1}
        and tally.moved == 1
    )


def test_an_impression_a_day_and_a_second_away_claims_no_click() -> None:
    x = rows_x()
    first, *_ = join_events(x, event(EventKind.CLICK, 100_000 + 86_401, imp=7, cell=NOWHERE), 0, 1, NOBODY)
    second, *_ = join_events(x, event(EventKind.IMPRESSION, 100_000, imp=7, cell=GUESS), 0, 1, NOBODY)
    assert counted(first, second) == {(NOWHERE, Field.INVALID_CLICKS): 1, (GUESS, Field.IMPRESSIONS): 1}


def test_a_creative_known_later_takes_its_impression_and_the_money_of_the_sale_with_it() -> None:
    x = rows_x()
    shown, *_ = join_events(
        x, event(EventKind.IMPRESSION, 1_000, imp=7, creative=5, cell=GUESS), 0, 1, NOBODY
    )
    sold, *_ = join_events(
        x, event(EventKind.CONVERSION, 2_000, value_minor=1_999, currency=1, cell=NOWHERE), 0, 1, NOBODY
    )
    assert counted(shown, sold) == {(GUESS, Field.IMPRESSIONS): 1, (GUESS, Field.CONVERSIONS): 1}
    moved = know_creative(x, 0, 5, TRUE, EventSource.CREATIVE, 0, NOBODY)
    assert counted(shown, sold, moved) == {(TRUE, Field.IMPRESSIONS): 1, (TRUE, Field.CONVERSIONS): 1}
    sums = Sums()
    assert sums.add(np.concatenate([shown, sold, moved])) == 5 + len(moved) - 3
    money = {
        (w.cell, w.size_s): Counters.of_bytes(payload).money.get(1, (0, 0))[0]
        for w, payload in sums.rows(lambda keys: [None] * len(keys))
    }
    assert money == {(cell, size): 1_999 * (cell == TRUE) for cell in (GUESS, TRUE) for size in WINDOWS_S}


def test_the_nearest_touch_before_the_sale_wins_also_when_it_comes_late() -> None:
    x = rows_x()
    parts = [
        join_events(x, each, 0, 1, NOBODY)[0]
        for each in (
            event(EventKind.IMPRESSION, 1_000, imp=1, cell=GUESS),
            event(EventKind.CONVERSION, 3_000, cell=NOWHERE),
            event(EventKind.IMPRESSION, 2_000, imp=2, cell=TRUE),
            event(EventKind.IMPRESSION, 3_001, imp=3, cell=GUESS),
        )
    ]
    assert counted(*parts)[TRUE, Field.CONVERSIONS] == 1 and (GUESS, Field.CONVERSIONS) not in counted(*parts)


def test_a_batch_that_counts_more_than_expected_counts_the_same_as_its_events_alone() -> None:
    """Every impression brings its click home: four deltas, more in all than one pass of the kernel has room
    for."""
    users, clicks_each = 100, 3
    clicks = [
        event(EventKind.CLICK, 1_050, imp=1 + i, user=i // clicks_each, cell=NOWHERE)
        for i in range(users * clicks_each)
    ]
    shown = [
        event(EventKind.IMPRESSION, 1_000, imp=1 + i, user=i // clicks_each, cell=GUESS)
        for i in range(users * clicks_each)
    ]
    alone, together = np.tile(rows_x(), users), np.tile(rows_x(), users)
    apart = [join_events(alone, each, 0, 1, NOBODY)[0] for each in [*clicks, *shown]]
    join_events(together, np.concatenate(clicks), 0, len(clicks), NOBODY)
    moved, _, _, tally = join_events(together, np.concatenate(shown), 0, len(shown), NOBODY)
    assert len(moved) == 4 * len(shown) > len(shown) + MAX_DELTAS and tally.moved == len(shown)
    assert moved.tobytes() == np.concatenate(apart[len(clicks) :]).tobytes()
    assert together.tobytes() == alone.tobytes()


def test_an_impression_that_reaches_a_cap_is_named() -> None:
    x = rows_x()
    cell = 9 << 36 | 1
    know_creative(x, 0, 5, cell, EventSource.CREATIVE, 0, NOBODY)
    x["live_creative"][0, 0], x["live_cell"][0, 0], x["live_state"][0, 0], x["n_live"][0] = 5, cell, 1, 1
    ref = known({}, [(9, 2, 60, False)])
    times = (1_000, 1_060, 1_090)  # the first is out of the 60 s when the second comes
    reached = [
        join_events(x, event(EventKind.IMPRESSION, ts, imp=ts, creative=5), 0, 1, ref)[1].tolist()
        for ts in times
    ]
    assert reached == [[], [], [0]]


def admitted(c: Rows, x: Rows, each: Rows, default: int = 0) -> Status:
    changed = np.zeros(1, np.bool_)
    admit(0, c, x, each, default, changed, changed.copy())
    return Status(int(each["status"][0]))


def test_admission_asks_fence_erasure_duplicate_and_consent() -> None:
    c, x = np.zeros(1, CONSENT_ROW), np.zeros(1, EXPOSURES)
    stated = CONSENT_KNOWN | int(Purpose.MEASURE)
    assert admitted(c, x, event(EventKind.CLICK, 10, 0, id=1)) == Status.DENIED
    assert admitted(c, x, event(EventKind.CLICK, 11, 0, id=1, consent=stated)) == Status.REPLAYED
    assert admitted(c, x, event(EventKind.CLICK, 11, 1, id=1, consent=stated)) == Status.APPLIED
    assert admitted(c, x, event(EventKind.CLICK, 12, 2, id=1)) == Status.DUPLICATE
    assert admitted(c, x, event(EventKind.CLICK, 12 + 25 * 3_600, 3, id=1)) == Status.APPLIED
    erase_row(c, 0, 200_000_000)
    assert admitted(c, x, event(EventKind.CLICK, 200_000, 4, id=9, consent=stated)) == Status.ERASED
    assert admitted(c, x, event(EventKind.CLICK, 200_001, 5, id=9, consent=stated)) == Status.APPLIED


def test_the_latest_statement_wins_and_a_tie_denies() -> None:
    both, orders = (1_000, ALL_PURPOSES), []
    for order in ((both, (1_000, 4), (900, 0)), ((900, 0), (1_000, 4), both), ((1_000, 4), both, (900, 0))):
        row = np.zeros(1, CONSENT_ROW)
        open_row(row[0], KIND_C, 1)
        for ts, granted in order:
            state_consent(row[0], ts, ts, granted)
        orders.append((int(row["stated_ts"][0]), int(row["granted"][0])))
    assert orders == [(1_000, 4)] * 3


def test_a_click_earns_its_sale_though_others_push_it_out_of_the_list() -> None:
    x = rows_x()
    made = [join_events(x, event(EventKind.IMPRESSION, 1_000, imp=7, cell=GUESS), 0, 1, NOBODY)[0]]
    made.append(join_events(x, event(EventKind.CLICK, 1_100, imp=7, cell=NOWHERE), 0, 1, NOBODY)[0])
    for i in range(30):  # impressions of nobody, clicks on what is not known
        made.append(join_events(x, event(EventKind.IMPRESSION, 2_000 + i, imp=100 + i), 0, 1, NOBODY)[0])
        made.append(
            join_events(x, event(EventKind.CLICK, 2_050 + i, imp=900 + i, cell=NOWHERE), 0, 1, NOBODY)[0]
        )
    sold = event(EventKind.CONVERSION, 9_000, value_minor=1_999, currency=1, cell=NOWHERE)
    made.append(join_events(x, sold, 0, 1, NOBODY)[0])
    assert counted(*made)[GUESS, Field.CONVERSIONS] == 1
    assert x["sale_touch_ts"][0, 0] == 1_100
