"""What campaigns and arms earned, from the last value of each cell."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from agents.feedback.cells import Cell
from agents.feedback.metric import metric_of
from agents.overview.cards import earnings
from agents.overview.cards.earnings import EarningsBoard
from models.earned.counters import COUNTER_FIELDS
from models.measured.totals import Totals
from streams import records as r
from streams.records.feedback import EVERY
from streams.topics import CREATIVE_METRIC


def totals(impressions: int, clicks: int, **more: Any) -> Totals:
    counts = [0] * len(COUNTER_FIELDS)
    counts[COUNTER_FIELDS.index("impressions")], counts[COUNTER_FIELDS.index("clicks")] = impressions, clicks
    for name in ("conversions", "likes", "hides", "starts", "completions"):
        counts[COUNTER_FIELDS.index(name)] = more.pop(name, 0)
    return Totals(counts=counts, users=impressions, **more)


def heard(board: EarningsBoard, cell: Cell, total: Totals | None, k: int = 0) -> None:
    assert board.wants(CREATIVE_METRIC, cell.key.encode()) == (cell.window_s == 0)
    if board.wants(CREATIVE_METRIC, cell.key.encode()):
        record = None if total is None else over_the_wire(metric_of(cell, total, k))
        board.on_record(CREATIVE_METRIC, cell.key, record, [], 0)


def over_the_wire(metric: r.CreativeMetric) -> r.CreativeMetric:
    return msgspec.json.decode(msgspec.json.encode(metric), type=r.CreativeMetric)


def life(arm: str, slot: str = "native", campaign: str = "c1", window: tuple[int, int] = (0, 0)) -> Cell:
    return Cell(campaign, "t1", arm, slot, "s1", *window)


def whole(campaign: str = "c1") -> Cell:
    return Cell(campaign, EVERY, EVERY, EVERY, EVERY, 0, 0)


def board() -> EarningsBoard:
    made = EarningsBoard()
    money = {"EUR": 123_456, "JPY": 700}
    heard(made, whole(), totals(1_000, 60, conversions=5, likes=3, hides=1, value=money))
    falling = {"shown": [200, 200, 0, 0, 0, 0, 0, 0], "clicked": [30, 6, 0, 0, 0, 0, 0, 0]}
    heard(made, life("bold.t1"), totals(400, 36, conversions=4, value={"EUR": 120_000}, **falling))
    heard(
        made,
        life("bold.t1", "text"),
        totals(200, 14, starts=20, completions=11, cost={"EUR": 250}, value={"EUR": 3_456}),
    )
    heard(made, life("plain.t1"), totals(400, 10, likes=1, hides=3))
    heard(made, life("plain.t1", window=(60, 120_000)), totals(9, 9))
    return made


def test_an_arm_is_its_cells_together_and_a_campaign_its_own_cell() -> None:
    (told,) = board().told()["campaigns"]
    assert (told["campaign_id"], told["impressions"], told["clicks"], told["ctr"]) == ("c1", 1_000, 60, 0.06)
    assert told["revenue"] == {"EUR": "1,234.56", "JPY": "700"} and told["satisfaction"] == 0.5
    bold, plain = told["arms"]
    assert (bold["arm"], bold["impressions"], bold["clicks"], bold["conversions"]) == ("bold.t1", 600, 50, 4)
    assert bold["ctr"] == pytest.approx(50 / 600, abs=1e-6) and bold["ctr_lo"] < bold["ctr"] < bold["ctr_hi"]
    assert bold["revenue"] == {"EUR": "1,234.56"} and bold["cost"] == {"EUR": "2.50"}
    assert bold["fatigue_p"] < 0.001 and plain["fatigue_p"] is None
    assert (plain["impressions"], plain["satisfaction"]) == (400, -0.5)
    assert (bold["starts"], bold["completions"], bold["vcr"]) == (20, 11, 0.55) and plain["vcr"] is None
    assert bold["vcr_lo"] == pytest.approx(0.342085) and bold["vcr_hi"] == pytest.approx(0.741802)


def test_the_last_value_of_a_cell_counts_and_a_null_takes_it_back() -> None:
    made = board()
    heard(made, life("plain.t1"), totals(500, 20))
    assert made.told()["campaigns"][0]["arms"][1]["impressions"] == 500
    heard(made, life("plain.t1"), None)
    assert [each["arm"] for each in made.told()["campaigns"][0]["arms"]] == ["bold.t1"]


def test_what_too_few_users_saw_is_not_told() -> None:
    made = board()
    heard(made, life("plain.t1", "text"), totals(20, 20), k=50)
    plain = made.told()["campaigns"][0]["arms"][1]
    assert (plain["impressions"], plain["suppressed_cells"]) == (400, 1)
    heard(made, whole("c2"), totals(20, 20), k=50)
    told = made.told()["campaigns"][1]
    assert told["suppressed"] and told["impressions"] == 0 and told["ctr"] is None


def test_campaigns_and_cells_beyond_the_room_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earnings, "SHOWN", 2)
    monkeypatch.setattr(earnings, "MOST_CELLS", 3)
    made = EarningsBoard()
    for n in range(3):
        heard(made, whole(f"c{n}"), totals(100 + n, 1))
    heard(made, life("late.t1"), totals(5, 1))
    heard(made, whole("c0"), totals(500, 1))
    told = made.told()
    assert [each["campaign_id"] for each in told["campaigns"]] == ["c0", "c2"]
    assert (told["others"], told["cells_left_out"]) == (1, 1)
