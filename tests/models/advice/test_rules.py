"""One made-up campaign per thing that can hold it back: it is said, with its figure and what to type; nothing
else is, and nothing at all where nothing is significant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.advice.cells import CampaignCell
from models.advice.rules import Advised, advise

STYLES, SLOTS, SEGMENTS = ("direct", "offer", "scene"), ("native", "text"), ("k01", "k02", "k03")


def cells(impressions: int = 2_000, lower: dict[str, float] | None = None) -> list[CampaignCell]:
    """Every combination equally shown; a value named in `lower` earns that share of the rate of 5 %."""

    def clicks(*names: str) -> int:
        return round(impressions * 0.05 * np.prod([(lower or {}).get(name, 1.0) for name in names]))

    return [
        CampaignCell(
            template, f"{style}.{template}", slot, segment, impressions,
            clicks(style, template, slot, segment),
        )
        for style in STYLES for template in ("t1", "t2") for slot in SLOTS for segment in SEGMENTS
    ]  # fmt: skip


def only(advised: Advised) -> tuple[str, str, str]:
    assert len(advised.advice) == 1, [each.says for each in advised.advice]
    each = advised.advice[0]
    assert each.low < each.figure < each.high
    return each.kind, each.says, each.edit


@pytest.mark.parametrize(
    ("kind", "value", "edit"),
    [
        ("arm", "scene", '"styles"'),
        ("copy", "t2", "shiftcast revoke template t2"),
        ("slot", "text", '"slots"'),
        ("audience", "k03", '"targeting"'),
    ],
)
def test_what_earns_less_than_the_rest_is_named_with_its_edit(kind: str, value: str, edit: str) -> None:
    said = only(advise(cells(lower={value: 0.5}), []))
    assert said[0] == kind and value in said[1] and "2.50%" in said[1] and edit in said[2]


def test_what_many_share_and_who_is_in_no_segment_are_no_advice() -> None:
    """Defaults earn less than what is made for a user: no campaign can leave them out."""
    shared = [CampaignCell("t1", "template.t1", slot, "none", 5_000, 20) for slot in SLOTS]
    assert advise([*cells(), *shared], []).advice == ()


def test_an_hour_is_named_by_the_cells_of_hours() -> None:
    hours = [
        replace(each, hour=hour, clicks=each.clicks // (4 if hour == 3 else 1))
        for hour in range(6) for each in cells(300)
    ]  # fmt: skip
    kind, says, edit = only(advise(cells(), hours))
    assert kind == "hour" and "hour 03" in says and "03:00 to 03:59 UTC" in edit


def test_fatigue_asks_for_a_cap_where_half_is_left() -> None:
    tired = [
        replace(each, by_showing=((50, 1_000), (40, 1_000), (20, 1_000), (5, 1_000))) for each in cells()
    ]
    kind, says, edit = only(advise(tired, []))
    assert kind == "fatigue" and "from showing 3 on less than half" in says
    assert '"n": 2' in edit and '"scope": "creative"' in edit


@pytest.mark.parametrize(
    ("by_showing", "said", "typed"),
    [
        ([(400, 10_000), *[(280, 10_000)] * 7], "none surely less than half", "more to show"),
        ([(400, 10_000), (100, 10_000), *[(40, 5_000)] * 5, (1, 20)], "from showing 2 on less", '"n": 1,'),
        (
            [(400, 10_000), (390, 10_000), (0, 20), (380, 10_000), (60, 10_000)],
            "from showing 5 on",
            '"n": 4,',
        ),
    ],
)
def test_a_cap_stands_where_what_follows_is_surely_below_half(
    by_showing: list[tuple[int, int]], said: str, typed: str
) -> None:
    first, *others = cells()
    kind, says, edit = only(advise([replace(first, by_showing=tuple(by_showing)), *others], []))
    assert kind == "fatigue" and said in says and typed in edit


def test_templates_instead_of_copy_are_named_with_the_most_frequent_code() -> None:
    first, *others = cells()
    fallen = replace(first, endings={"model": 60, "template": 40}, refusals={"LENGTH": 9, "CLAIM": 5})
    kind, says, edit = only(advise([fallen, *others], []))
    assert kind == "fallback" and "40%" in says and "LENGTH" in says
    assert "SHIFTCAST_GENERATION_DEADLINE_MS" in edit


def test_a_code_of_review_that_comes_often_is_named() -> None:
    first, *others = cells()
    refused = replace(first, endings={"model": 100}, refusals={"CLAIM": 35, "LENGTH": 2})
    kind, says, edit = only(advise([refused, *others], []))
    assert kind == "review" and "CLAIM in 35%" in says and "campaign check" in edit


def test_silence_where_nothing_is_significant_and_how_much_is_missing() -> None:
    assert advise(cells(), []).advice == () and advise(cells(), []).missing == 0
    few = advise(cells(10, {"scene": 0.5}), [])
    assert few.advice == () and 10_000 < few.missing < 100_000
    assert advise([], []).advice == () and advise([], []).missing > 10_000


def test_a_difference_that_is_sure_and_small_is_not_worth_an_edit() -> None:
    assert advise(cells(200_000, {"scene": 0.95}), []).advice == ()


def test_what_costs_most_comes_first() -> None:
    advised = advise(cells(5_000, {"scene": 0.7, "text": 0.4}), [])
    assert [each.kind for each in advised.advice][:2] == ["slot", "arm"]
    assert advised.advice[0].lost > advised.advice[1].lost > 0


def test_chance_alone_is_seldom_advised_about() -> None:
    rng, wrong = np.random.default_rng(11), 0
    for _ in range(60):
        noisy = [replace(each, clicks=int(rng.binomial(each.impressions, 0.05))) for each in cells(400)]
        wrong += bool(advise(noisy, []).advice)
    assert wrong <= 6


def test_clips_that_few_see_to_the_end_are_named_with_where_most_leave() -> None:
    left = [replace(each, played=(200, 190, 80, 75, 60)) for each in cells() if each.slot == "text"]
    kind, says, edit = only(advise([*left, *(c for c in cells() if c.slot == "native")], []))
    assert kind == "video" and "30% of the clips started in text" in says
    assert "between first quartile and midpoint" in says and '"slots"' in edit


@pytest.mark.parametrize("played", [(), (0, 0, 0, 0, 0), (200, 190, 180, 170, 110), (6, 5, 4, 3, 1)])
def test_clips_that_half_see_or_that_nobody_knows_enough_of_are_no_advice(played: tuple[int, ...]) -> None:
    one = replace(cells()[0], played=played)
    assert advise([one, *cells()[1:]], []).advice == ()


def against(template: str, impressions: int, count: int) -> CampaignCell:
    return CampaignCell(template, f"offer.{template}", "native", "k01", impressions, 0, against=count)


def test_a_template_is_disliked_where_so_many_are_no_chance_among_all_that_are_judged() -> None:
    disliked = against("t0", 1_000, 20)
    assert only(advise([disliked], []))[0] == "dislike"
    assert advise([against("t0", 1, 1), against("t1", 20, 4)], []).advice == ()
    alone = against("t0", 1_000, 12)
    assert only(advise([alone], []))[0] == "dislike"
    others = [against(f"t{n}", 1_000, 5) for n in range(1, 40)]
    assert advise([alone, *others], []).advice == (), "one of forty looks so by chance"
    assert only(advise([disliked, *others], []))[1].startswith("template t0 ")


def test_what_costs_what_the_campaign_is_for_comes_before_clicks() -> None:
    """Later showings lose many clicks, the slot few conversions."""
    showings = ((2_000, 20_000), (400, 20_000))
    sold = [
        CampaignCell(
            "t1", "offer.t1", slot, "k01", 40_000, 2_400, conversions, goal="conversions", by_showing=showings
        )
        for slot, conversions in (("native", 200), ("text", 100))
    ]
    advice = advise(sold, []).advice
    assert [(each.kind, each.of) for each in advice] == [("slot", "conversions"), ("fatigue", "clicks")]
    assert advice[0].lost < advice[1].lost
