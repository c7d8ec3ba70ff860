"""When counter rows leave: soon, less often while the lane is behind, never more than a flush can name."""

from __future__ import annotations

import numpy as np
import pytest

from agents.profiles.rows import outcomes
from agents.profiles.rows.outcomes import BEHIND_MS, MOST_TOUCHED, OUTCOME_LATE_MS, PUBLISH_MS, Ledger
from models.earned.counters import DELTA, NOBODYS, Counters, Field, cell_of
from models.money import INDEX, MOST_SUM
from models.row import HEADER
from models.stored.layouts import ROW_LAYOUTS
from streams.columns.names import Cells
from streams.topics import OUTCOME
from tests.streams.lane.dict_store import LaneOfOne

FENCE = np.zeros(1, HEADER)[0]
NOW_MS = 1_795_291_200_000
ROWS_OF_A_DELTA = 4


def counted(lane: LaneOfOne, ledger: Ledger, cells: Cells, minutes: int = 1) -> None:
    """One impression in each of so many minutes, in durable rows."""
    deltas = np.zeros(minutes, DELTA)
    deltas["cell"] = cells.number(("c1", "native", "plain|t1", "t1", "s1"))
    deltas["sign"], deltas["field"], deltas["ts"] = (
        1,
        Field.IMPRESSIONS,
        NOW_MS // 1000 + 60 * np.arange(minutes),
    )

    def count(view: object) -> None:
        outcomes.add_deltas(view, ledger, cells, deltas)  # type: ignore[arg-type]
        outcomes.close_counters(view, ledger, cells)  # type: ignore[arg-type]

    lane.visit(count)
    lane.flush(FENCE)


@pytest.mark.parametrize("sign", [1, -1])
def test_sums_of_money_stop_before_the_end_of_64_bits(sign: int) -> None:
    lane, cells, ledger = LaneOfOne(ROW_LAYOUTS), Cells(), Ledger()
    deltas = np.zeros(4, DELTA)
    deltas["cell"] = cells.number(NOBODYS)
    deltas["sign"], deltas["currency"], deltas["ts"] = 1, INDEX["EUR"], NOW_MS // 1000
    deltas["value"] = sign * (MOST_SUM - 1)
    deltas["field"] = [Field.CONVERSIONS, Field.CONVERSIONS, Field.IMPRESSIONS, Field.IMPRESSIONS]
    for _ in range(3):
        lane.visit(lambda view: outcomes.add_deltas(view, ledger, cells, deltas))
        lane.visit(lambda view: outcomes.close_counters(view, ledger, cells))
        lane.flush(FENCE)
    payload = lane.view(NOW_MS).get(next(iter(ledger.touched)))
    assert Counters.of_bytes(payload or b"").money == {INDEX["EUR"]: (sign * MOST_SUM, sign * MOST_SUM)}


def sent(
    lane: LaneOfOne, ledger: Ledger, cells: Cells, after_ms: int, behind: bool, swept: bool = False
) -> int:
    """Outcomes that leave so long after the last time."""
    view = lane.view(NOW_MS + after_ms)
    view.behind = behind
    outcomes.publish_outcomes(view, ledger, cells, 4, 7, swept=swept)
    assert all(output.topic == OUTCOME.name for output in view.outputs)
    return len(view.outputs)


@pytest.mark.parametrize(
    ("age_ms", "behind", "every_ms"),
    [
        (0, False, PUBLISH_MS),
        (OUTCOME_LATE_MS + BEHIND_MS, False, OUTCOME_LATE_MS),
        (OUTCOME_LATE_MS + BEHIND_MS, True, BEHIND_MS),
    ],
)
def test_a_lane_that_is_behind_publishes_less_often(age_ms: int, behind: bool, every_ms: int) -> None:
    lane, cells = LaneOfOne(ROW_LAYOUTS), Cells()
    ledger = Ledger(published_ms=NOW_MS, newest_ms=NOW_MS - age_ms)
    counted(lane, ledger, cells)
    assert sent(lane, ledger, cells, every_ms - 1, behind) == 0
    assert sent(lane, ledger, cells, every_ms, behind) == ROWS_OF_A_DELTA
    assert sent(lane, ledger, cells, 2 * every_ms, behind) == 0


def test_what_waited_leaves_when_the_last_batch_is_done() -> None:
    lane, cells = LaneOfOne(ROW_LAYOUTS), Cells()
    ledger = Ledger(published_ms=NOW_MS, newest_ms=NOW_MS)
    counted(lane, ledger, cells)
    assert sent(lane, ledger, cells, PUBLISH_MS, behind=True) == 0
    assert sent(lane, ledger, cells, PUBLISH_MS, behind=False) == ROWS_OF_A_DELTA


def test_a_clock_that_was_set_back_silences_nothing() -> None:
    lane, cells = LaneOfOne(ROW_LAYOUTS), Cells()
    ledger = Ledger(published_ms=NOW_MS, newest_ms=NOW_MS)
    counted(lane, ledger, cells)
    assert sent(lane, ledger, cells, -3_600_000, behind=False) == ROWS_OF_A_DELTA
    counted(lane, ledger, cells)
    assert sent(lane, ledger, cells, -3_600_000 + PUBLISH_MS - 1, behind=False) == 0
    assert sent(lane, ledger, cells, -3_600_000 + PUBLISH_MS, behind=False) == ROWS_OF_A_DELTA


def test_a_sweep_sends_what_waits_unless_the_lane_is_behind() -> None:
    lane, cells = LaneOfOne(ROW_LAYOUTS), Cells()
    ledger = Ledger(published_ms=NOW_MS, newest_ms=NOW_MS)
    counted(lane, ledger, cells)
    assert sent(lane, ledger, cells, 1, behind=True, swept=True) == 0
    assert sent(lane, ledger, cells, 1, behind=False, swept=True) == ROWS_OF_A_DELTA


def test_no_more_rows_wait_than_a_flush_can_name() -> None:
    lane, cells = LaneOfOne(ROW_LAYOUTS), Cells()
    ledger = Ledger(published_ms=NOW_MS, newest_ms=NOW_MS)
    counted(lane, ledger, cells, MOST_TOUCHED)
    assert sent(lane, ledger, cells, PUBLISH_MS, behind=True) > MOST_TOUCHED


def test_a_cell_whose_names_were_asked_for_too_early_has_them_once_they_are_known() -> None:
    lane, cells, names = LaneOfOne(ROW_LAYOUTS), Cells(), ("c1", "native", "plain|t1", "t1", "s1")
    found = []
    for _ in range(2):
        lane.visit(lambda view: found.append(outcomes.cell_names(view, cells, cell_of(names))))
        cells.number(names)
    assert found == [outcomes.UNKNOWN_NAMES, names]
