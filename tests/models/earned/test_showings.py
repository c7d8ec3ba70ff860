"""Users of a cell and clicked exposures by showing: counted once per window, moved with their exposure, never
guessed where exposures were lost."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.arrays import Rows
from models.earned.attribution import known
from models.earned.counters import WINDOWS_S, Counters, Sums
from models.earned.exposures import CAMPAIGN_SHIFT, add_live
from models.earned.joins import join_events, know_creative
from models.event.layout import EventKind, EventSource
from tests.models.earned.test_attribution import event, rows_x

NOBODY = known({}, [])
A, B = (7 << CAMPAIGN_SHIFT) | 1, (7 << CAMPAIGN_SHIFT) | 2
OTHER = (8 << CAMPAIGN_SHIFT) | 1
DAY = 86_400


def counters(*deltas: Rows) -> dict[tuple[int, int, int], Counters]:
    """By cell, window size and start."""
    sums = Sums()
    sums.add(np.concatenate(deltas))
    return {
        (window.cell, window.size_s, window.start_s): Counters.of_bytes(payload)
        for window, payload in sums.rows(lambda keys: [None] * len(keys))
    }


def shown(x: Rows, ts: int, imp: int, cell: int, **fields: int) -> Rows:
    deltas: Rows = join_events(
        x, event(EventKind.IMPRESSION, ts, imp=imp, cell=cell, **fields), 0, 1, NOBODY
    )[0]
    return deltas


def test_a_user_counts_once_per_window_of_a_cell_and_of_a_campaign() -> None:
    x = rows_x()
    times = [(DAY, A), (DAY + 10, A), (DAY + 70, A), (DAY + 80, B), (2 * DAY, A)]
    found = counters(*(shown(x, ts, 1 + k, cell) for k, (ts, cell) in enumerate(times)))
    assert found[A, 60, DAY].users == [1, 1] and found[A, 60, DAY + 60].users == [1, 1]
    assert found[B, 60, DAY + 60].users == [1, 0]  # the campaign has this user already
    assert found[A, DAY, DAY].users == [1, 1] and found[A, DAY, 2 * DAY].users == [1, 1]
    assert found[A, 0, 0].users == [1, 1] and found[B, 0, 0].users == [1, 0]
    assert found[A, 0, 0].counts[0] == 4


def test_a_late_exposure_is_no_second_user() -> None:
    x = rows_x()
    found = counters(shown(x, DAY + 500, 1, A), shown(x, DAY + 490, 2, A))
    assert found[A, 3_600, DAY].users == [1, 1] and found[A, 60, DAY + 480].users == [1, 1]


def test_a_creative_known_later_takes_its_user_and_its_clicked_exposure_along() -> None:
    x = rows_x()
    first = shown(x, DAY, 1, A, creative=5)
    stays = shown(x, DAY + 1, 2, A)
    click = join_events(x, event(EventKind.CLICK, DAY + 9, imp=1, cell=3), 0, 1, NOBODY).deltas
    moved = know_creative(x, 0, 5, OTHER, EventSource.CREATIVE, 0, NOBODY)
    found = counters(first, stays, click, moved)
    assert found[A, DAY, DAY].users == [1, 1] and found[OTHER, DAY, DAY].users == [1, 1]
    assert found[A, DAY, DAY].clicked_by_exposure == [0] * 8
    assert found[OTHER, DAY, DAY].clicked_by_exposure == [1] + [0] * 7
    gone = know_creative(x, 0, 5, B, EventSource.CREATIVE, 0, NOBODY)
    assert counters(first, stays, click, moved, gone)[OTHER, DAY, DAY].users == [0, 0]


@pytest.mark.parametrize("click_first", [False, True])
def test_an_exposure_is_clicked_once_under_its_showing_whatever_comes_first(click_first: bool) -> None:
    x = rows_x()
    before = [shown(x, DAY + k, 1 + k, A, creative=5) for k in range(2)]
    parts: list[Callable[[], Rows]] = [
        lambda: shown(x, DAY + 90, 9, A, creative=5),
        lambda: join_events(x, event(EventKind.CLICK, DAY + 95, imp=9, cell=3, id=1), 0, 1, NOBODY)[0],
        lambda: join_events(x, event(EventKind.CLICK, DAY + 97, imp=9, cell=3, id=2), 0, 1, NOBODY)[0],
    ]
    if click_first:
        parts = parts[::-1]
    found = counters(*before, *(part() for part in parts))
    assert found[A, 60, DAY + 60].clicked_by_exposure == [0, 0, 1, 0, 0, 0, 0, 0]
    assert found[A, 60, DAY + 60].counts[2] == 1 and found[A, 60, DAY + 60].by_exposure[2] == 1


def test_a_user_is_no_second_one_long_after_the_exposures_left_and_a_first_one_of_what_is_new() -> None:
    x = rows_x()
    found = counters(
        shown(x, DAY, 1, A),
        *(shown(x, DAY + 1 + k, 10 + k, OTHER) for k in range(30)),
        shown(x, DAY + 40, 99, A),  # the first of A has left the row
        shown(x, DAY + 41, 100, B),
        shown(x, 2 * DAY, 101, A),
    )
    assert found[A, DAY, DAY].users == [1, 1] and found[A, 0, 0].users == [1, 1]
    assert found[B, DAY, DAY].users == found[B, 0, 0].users == [1, 0], "the campaign has this user already"
    assert found[A, DAY, 2 * DAY].users == [1, 1], "another day"
    assert [each for each in WINDOWS_S if each] == [60, 3_600, DAY]


def test_users_are_those_that_saw_a_cell_in_a_window_however_often_they_were_shown_others() -> None:
    rng = np.random.default_rng(6)
    cells = [int(c) << CAMPAIGN_SHIFT | int(r) for c in range(1, 9) for r in range(1, 6)]
    x, parts, truth = rows_x(), [], set()
    for n in range(900):
        ts, cell = 5 * DAY + 700 * n, int(rng.choice(cells))
        parts.append(shown(x, ts, 1 + n, cell))
        for size in WINDOWS_S:
            start = ts // size * size if size else 0
            truth |= {(cell, size, start), (cell >> CAMPAIGN_SHIFT, size, start)}
    found = counters(*parts)
    assert {where for where, each in found.items() if each.users[0] == 1} == {
        where for where in truth if where[0] >> CAMPAIGN_SHIFT
    }
    of_campaigns = {
        (cell >> CAMPAIGN_SHIFT, size, start) for (cell, size, start), e in found.items() if e.users[1] == 1
    }
    assert of_campaigns == {where for where in truth if where[0] >> CAMPAIGN_SHIFT == 0}


def test_more_cells_than_a_row_remembers_are_never_guessed_and_told_as_unsure() -> None:
    x = rows_x()
    cells = [9 << CAMPAIGN_SHIFT | k for k in range(1, 101)]
    tallies = []
    for round_ in range(2):
        for k, cell in enumerate(cells):
            at = event(EventKind.IMPRESSION, DAY * (1 + round_) + k, imp=1_000 * round_ + k, cell=cell)
            joined = join_events(x, at, 0, 1, NOBODY)
            tallies.append((joined.tally.unsure_users, joined.deltas["first"][0] & 8))
    assert [unsure for unsure, _ in tallies[:64]] == [0] * 64
    assert sum(first > 0 for _, first in tallies) == 64, "in its life"
    assert all(unsure for unsure, _ in tallies[64:])


def test_a_late_showing_gets_its_own_number_and_those_behind_it_move_on() -> None:
    x = rows_x()
    found = counters(
        *(shown(x, DAY + ts, imp, A, creative=5) for imp, ts in ((1, 10), (2, 90), (3, 200), (4, 50)))
    )
    assert found[A, 60, DAY].by_exposure[:4] == [1, 1, 0, 0]
    assert found[A, 60, DAY + 60].by_exposure[:4] == [0, 0, 1, 0]
    assert found[A, 60, DAY + 180].by_exposure[:4] == [0, 0, 0, 1]
    assert found[A, 60, DAY + 60].counts[0] == 1


def test_showings_of_a_users_own_creative_are_counted_beyond_the_exposures_that_are_kept() -> None:
    x = rows_x()
    add_live(x[0], np.uint64(5), np.uint64(A), 10 * DAY, 0)
    parts = [shown(x, DAY, 1, A, creative=5)]
    parts += [shown(x, DAY + 1 + k, 10 + k, OTHER, creative=6) for k in range(30)]
    parts += [shown(x, DAY + 60, 90, A, creative=5), shown(x, DAY + 61, 91, OTHER, creative=6)]
    found = counters(*parts)
    assert found[A, 60, DAY + 60].by_exposure[:2] == [0, 1]
    assert found[OTHER, 60, DAY + 60].by_exposure[-1] == 1
