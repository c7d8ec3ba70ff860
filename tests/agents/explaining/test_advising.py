"""From metric records to advice: the last value per key counts, suppressed cells stay untold, and nothing is
said where nothing is known."""

from __future__ import annotations

import msgspec

from agents.commands.telling.advise import advice_lines, unknown_campaign
from agents.explaining.advising import CampaignMetrics, advised_cell, goal_told, told_advice
from models.intent.understanding import Understanding
from streams import records as r
from streams.topics import HOUR_MS
from tests.agents.explaining.recorded import metric


def taken(*metrics: r.CreativeMetric) -> CampaignMetrics:
    found = CampaignMetrics()
    for each in metrics:
        cell = f"{each.campaign_id}|{each.template_id}|{each.arm}|{each.slot}|{each.segment}"
        key = f"{cell}|{each.window_s}:{each.window}"
        found.take("c1", key.encode(), msgspec.json.encode(each))
    return found


def arm(name: str, impressions: int, clicks: int, **more: object) -> r.CreativeMetric:
    return metric("k01", impressions, clicks, arm=name, **more)


def test_the_last_value_of_a_key_counts() -> None:
    advised = taken(
        arm("scene.t1", 500, 5), arm("scene.t1", 5_000, 50), arm("offer.t1", 5_000, 250)
    ).advised()
    assert advised.total.impressions == 10_000
    assert [each.what for each in advised.advice] == ["scene"]


def test_a_null_takes_a_cell_back_and_another_campaign_is_only_named() -> None:
    found = taken(arm("scene.t1", 5_000, 50), arm("offer.t1", 5_000, 250, campaign_id="c2"))
    for key in list(found.metrics):
        found.take("c1", key, None)
    assert found.metrics == {} and found.campaigns == {"c1", "c2"}


def test_suppressed_cells_are_counted_and_not_used() -> None:
    found = taken(arm("scene.t1", 9_999, 0, suppressed=True), arm("offer.t1", 5_000, 250))
    assert found.suppressed == 1 and found.advised().total.impressions == 5_000
    assert "1 cells have too few users" in "\n".join(advice_lines(told_advice("c1", found)))


def test_showings_come_with_their_clicks() -> None:
    counts = r.MetricCounts(impressions=30, clicks=3, by_showing=[20, 10], clicked_by_showing=[2, 1])
    assert advised_cell(metric("k01", 30, 3, counts=counts), "clicks").by_showing == ((2, 20), (1, 10))


def test_hours_come_from_the_cells_of_an_hour() -> None:
    cell = advised_cell(metric("k01", 10, 1, window_s=3_600, window=27 * HOUR_MS), "clicks")
    assert cell.hour == 3
    assert advised_cell(metric("k01", 10, 1), "clicks").hour is None


def test_lines_name_figure_interval_and_edit() -> None:
    found = taken(arm("scene.t1", 5_000, 50), arm("offer.t1", 5_000, 250))
    advised = found.advised()
    text = "\n".join(advice_lines(told_advice("c1", found)))
    assert "c1: 10,000 impressions, 300 clicks, 3.00% (2.68% to 3.35%)" in text
    assert "style scene earns 1.00%" in text and '"styles"' in text and "cost about 200 clicks" in text
    assert told_advice("c1", found)["advice"] == list(advised.advice)


def test_the_goal_is_told_with_how_it_is_known() -> None:
    said = {"campaign_id": "c1", "version": 1, "status": "active", "advertiser": {"name": "A"}}
    sold = {"brand": "A", "facts": ["Sell the lamps: order online today", "Checkout in three steps"]}
    assert goal_told(msgspec.json.encode(said | {"goal": "clicks"})) == Understanding("clicks", stated=True)
    assert goal_told(None) is goal_told(b"{") is None
    found = taken(arm("scene.t1", 40, 1))
    assert told_advice("c1", found)["goal"] == ""
    found.goal = goal_told(msgspec.json.encode(said | {"brief": sold}))
    told = told_advice("c1", found)
    assert told["goal"].startswith("conversions: its brief reads as conversion, 0.")
    assert f"  goal: {told['goal']}" in advice_lines(told)


def test_a_campaign_that_sells_is_judged_by_what_is_sold() -> None:
    """The arm that is clicked most sells least; what is hidden, and what was earned, are told."""

    def counted(clicks: int, conversions: int, hides: int = 0) -> r.MetricCounts:
        return r.MetricCounts(
            impressions=20_000, clicks=clicks, conversions=conversions, hides=hides, reports=hides // 3
        )

    found = taken(
        arm("scene.t1", 0, 0, counts=counted(1_000, 50)),
        arm("offer.t1", 0, 0, counts=counted(600, 300), template_id="t2"),
    )
    assert [each.what for each in found.advised().advice if each.kind == "arm"] == ["offer"]
    found.goal = Understanding("conversions", stated=True)
    assert [each.what for each in found.advised().advice if each.kind == "arm"] == ["scene"]
    text = "\n".join(advice_lines(told_advice("c1", found)))
    assert "style scene earns conversions of 0.25%" in text and "cost about 250 conversions" in text
    assert "350 conversions, 21.88% of clicks (19.92% to 23.97%), 25.00 GBP" in text
    found = taken(arm("scene.t1", 0, 0, counts=counted(600, 0, hides=150)))
    text = "\n".join(advice_lines(told_advice("c1", found)))
    assert "dislike: template t1 is hidden or reported in 0.75%" in text
    assert "  150 hidden, 50 reported" in text


def test_silence_says_what_is_missing() -> None:
    text = "\n".join(advice_lines(told_advice("c1", taken(arm("scene.t1", 40, 1), arm("offer.t1", 40, 4)))))
    assert "nothing is significantly worse" in text and "more impressions are needed" in text


def test_an_unknown_campaign_is_answered_with_what_to_type() -> None:
    found = taken(arm("scene.t1", 10, 1), arm("scene.t1", 10, 1, campaign_id="lamps-spring"))
    assert "did you mean lamps-spring" in unknown_campaign("lamp-spring", found)
    assert "agents.measure_feedback" in unknown_campaign("c1", CampaignMetrics())


def test_an_impression_that_is_hidden_and_reported_is_disliked_once() -> None:
    for hides, reports, against in ((1, 1, 1), (9, 4, 9), (300, 2, 200)):
        counts = r.MetricCounts(impressions=1 if hides == 1 else 200, hides=hides, reports=reports)
        [told] = taken(arm("scene.t1", 0, 0, counts=counts)).told(0)
        assert advised_cell(told, "clicks").against == against
