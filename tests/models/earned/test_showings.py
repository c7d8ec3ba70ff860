"""Users of a cell and clicked exposures by showing: counted once per window, moved with their exposure, never
guessed where exposures were lost."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.arrays import Rows
from models.earned.attribution import known
from models.earned.counters import WINDOWS_S, Counters, Sums
from models.earned.exposures import CAMPAIGN_SHIFT
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


def test_where_exposures_of_a_window_were_lost_no_user_is_counted_on_a_guess() -> None:
    x = rows_x()
    parts = [shown(x, DAY, 1, A)]
    parts += [shown(x, DAY + 1 + k, 10 + k, OTHER) for k in range(24)]
    parts.append(shown(x, DAY + 40, 99, A))  # the first of A has left the row
    found = counters(*parts)
    assert found[A, DAY, DAY].users == [1, 1]
    again = shown(x, 2 * DAY, 100, A)  # nothing of the next day is lost
    assert counters(again)[A, DAY, 2 * DAY].users == [1, 1]
    assert counters(again)[A, 0, 0].users == [0, 0]
    assert [each for each in WINDOWS_S if each] == [60, 3_600, DAY]
