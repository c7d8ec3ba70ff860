"""From metric records to advice: the last value per key counts, suppressed cells stay untold, and nothing is
said where nothing is known."""

from __future__ import annotations

import msgspec

from agents.commands.telling.advise import advice_lines, unknown_campaign
from agents.explaining.advising import CampaignMetrics, advised_cell, goal_words, told_advice
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
    assert "1 cells have too few users" in "\n".join(advice_lines("c1", found.advised(), found.suppressed))


def test_showings_come_with_their_clicks() -> None:
    counts = r.MetricCounts(impressions=30, clicks=3, by_showing=[20, 10], clicked_by_showing=[2, 1])
    assert advised_cell(metric("k01", 30, 3, counts=counts)).by_showing == ((2, 20), (1, 10))


def test_hours_come_from_the_cells_of_an_hour() -> None:
    cell = advised_cell(metric("k01", 10, 1, window_s=3_600, window=27 * HOUR_MS))
    assert cell.hour == 3
    assert advised_cell(metric("k01", 10, 1)).hour is None


def test_lines_name_figure_interval_and_edit() -> None:
    found = taken(arm("scene.t1", 5_000, 50), arm("offer.t1", 5_000, 250))
    advised = found.advised()
    text = "\n".join(advice_lines("c1", advised, 0))
    assert "c1: 10,000 impressions, 300 clicks, 3.00% (2.68% to 3.35%)" in text
    assert "style scene earns 1.00%" in text and '"styles"' in text and "cost about 200 clicks" in text
    assert told_advice("c1", found)["advice"] == list(advised.advice)


def test_the_goal_is_told_with_how_it_is_known() -> None:
    said = {"campaign_id": "c1", "version": 1, "status": "active", "advertiser": {"name": "A"}}
    sold = {"brand": "A", "facts": ["Sell the lamps: order online today", "Checkout in three steps"]}
    assert goal_words(msgspec.json.encode(said | {"goal": "clicks"})) == "clicks, as stated"
    words = goal_words(msgspec.json.encode(said | {"brief": sold}))
    assert words.startswith("conversions: its brief reads as conversion, 0.")
    assert goal_words(None) == goal_words(b"{") == ""
    found = taken(arm("scene.t1", 40, 1))
    found.goal = words
    assert told_advice("c1", found)["goal"] == words
    assert f"  goal: {words}" in advice_lines("c1", found.advised(), 0, found.goal)


def test_silence_says_what_is_missing() -> None:
    text = "\n".join(advice_lines("c1", taken(arm("scene.t1", 40, 1), arm("offer.t1", 40, 4)).advised(), 0))
    assert "nothing is significantly worse" in text and "more impressions are needed" in text


def test_an_unknown_campaign_is_answered_with_what_to_type() -> None:
    found = taken(arm("scene.t1", 10, 1), arm("scene.t1", 10, 1, campaign_id="lamps-spring"))
    assert "did you mean lamps-spring" in unknown_campaign("lamp-spring", found)
    assert "agents.measure_feedback" in unknown_campaign("c1", CampaignMetrics())
