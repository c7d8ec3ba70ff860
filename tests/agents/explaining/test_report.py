"""What leaves the house: days that are over for good, enough users in each cell, no cell to be computed."""

from __future__ import annotations

import csv
import io
from typing import Any

from agents.commands.telling.report import write_csv
from agents.explaining.report import OUTSIDE_K, Report, campaign_report_of
from streams import records as r
from streams.records.feedback import EVERY
from streams.topics import DAY_MS
from tests.agents.explaining.recorded import metric

AGE_MS = 7 * DAY_MS
DAY = 20_000 * DAY_MS
NOW_MS = DAY + DAY_MS + AGE_MS


def cell(segment: str, users: int, clicks: int = 9, **more: Any) -> r.CreativeMetric:
    counts = r.MetricCounts(impressions=2 * users, clicks=clicks, users=users)
    return metric(segment, 0, 0, **{"window": DAY, "window_s": 86_400, "counts": counts, **more})


def whole(users: int, **more: Any) -> r.CreativeMetric:
    return cell(EVERY, users, **{"template_id": EVERY, "arm": EVERY, "slot": EVERY, **more})


def report(*metrics: r.CreativeMetric, k: int = OUTSIDE_K, now_ms: int = NOW_MS) -> Report:
    return campaign_report_of(metrics, k, AGE_MS, now_ms)


def told(made: Report) -> list[tuple[str, int, int]]:
    return [(each.names[3], each.users, each.withheld) for each in made.lines]


def test_a_cell_of_few_users_stays_untold_and_so_does_the_one_that_hides_it() -> None:
    every = [whole(300), cell("a", 120), cell("b", 49), cell("c", 60), cell("d", 90)]
    assert told(report(*every)) == [(EVERY, 300, 2), ("a", 120, 0), ("d", 90, 0)]
    assert len(report(*every, k=49).lines) == 5, "exactly as many are enough"


def test_what_the_topic_itself_suppresses_and_what_has_no_viewers_is_of_few_users() -> None:
    hidden = cell("b", 0, counts=r.MetricCounts(), suppressed=True, money=r.MetricMoney())
    assert told(report(whole(300), cell("a", 120), hidden, cell("c", 60))) == [(EVERY, 300, 2), ("a", 120, 0)]
    later = cell("b", 0, counts=r.MetricCounts(conversions=1, users=0))
    assert told(report(whole(300), cell("a", 120), later, cell("c", 60))) == [(EVERY, 300, 2), ("a", 120, 0)]
    nothing = cell("b", 0, clicks=0, counts=r.MetricCounts(users=0), money=r.MetricMoney())
    assert len(report(whole(300), cell("a", 120), nothing, cell("c", 60)).lines) == 3


def test_the_campaigns_own_k_holds_where_it_is_more() -> None:
    made = report(whole(300, k=100), cell("a", 120, k=100), cell("b", 90, k=100), cell("c", 200, k=100))
    assert told(made) == [(EVERY, 300, 2), ("c", 200, 0)]


def test_days_alone_are_told_and_only_when_no_event_changes_them() -> None:
    hour, life = (whole(300, window_s=size_s, window=start) for size_s, start in ((3_600, DAY), (0, 0)))
    assert report(hour, life).lines == []
    assert report(whole(300)).lines[0].day == "2024-10-04"
    young = report(whole(300), now_ms=NOW_MS - 1)
    assert (young.lines, young.young_days) == ([], 1)


def test_a_day_of_few_users_and_one_without_a_total_are_left_out_whole() -> None:
    few = report(whole(49), cell("a", 49), whole(60, window=DAY - DAY_MS))
    assert [each.day for each in few.lines] == ["2024-10-03"] and few.untold_days == 1
    assert report(cell("a", 120)).lines == []


def test_the_file_has_a_column_per_currency_and_nothing_of_requests_or_bots() -> None:
    money = r.MetricMoney({"USD": 1_999, "JPY": 500}, {"USD": 100})
    file = io.StringIO()
    write_csv(report(whole(300, money=money), cell("a", 120)), file)
    total, part = csv.DictReader(io.StringIO(file.getvalue()))
    assert (total["revenue_USD"], total["revenue_JPY"], total["cost_USD"]) == ("19.99", "500", "1.00")
    assert (part["revenue_GBP"], part["revenue_USD"]) == ("12.50", "0")
    assert not [name for name in total if "invalid" in name or "status" in name]
