"""From a request to a plan: consent, campaign, item, arms; the same request always gets the same."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np
import pytest

from agents.creatives.briefs import brief_of, daypart
from agents.creatives.endings import end_written
from agents.creatives.plan import CreativePlan, Refusal, Timing, Written
from agents.creatives.planning import PlanningSnapshot, RequestPlanner
from agents.creatives.publication import make_creatives
from agents.creatives.query import decode_vector, interest_vector, query_of
from models.brief.brief import STYLES, Copy
from models.campaigns import Campaign, Cap, Experiment, ExperimentArm, Treatment
from models.catalog.complements import MOST, NOBODY
from models.choice.expected_clicks import ClickOpinion
from models.choice.expected_takes import TakesOpinion
from models.choice.matching import Matcher
from models.choice.selection import Posterior, layout_arm, style_of
from models.click.behaviour import ItemTraits, UserWants, unexposed
from models.click.features import Foreseen
from models.review.template import fill_template
from models.revocations import Revocation, Revocations
from streams import records as r
from tests.agents.creatives.generation_fixtures import BANNER, CAMPAIGN, NOW_MS, axis, catalog, request
from tests.models.choice.test_expected_clicks import learnt

LAMPS = dataclasses.replace(CAMPAIGN, campaign_id="c2", item_categories=("lamps",))
BOOTS = dataclasses.replace(CAMPAIGN, item_categories=("footwear",))


def planner(*campaigns: object, **snapshot: object) -> RequestPlanner:
    matcher = Matcher(catalog(), campaigns or (BOOTS, LAMPS))  # type: ignore[arg-type]
    return RequestPlanner(lambda: PlanningSnapshot(matcher, **snapshot))  # type: ignore[arg-type]


def vector(number: int) -> str:
    return base64.b64encode(axis(number).astype("<f2").tobytes()).decode()


def planned(asked: r.CreativeRequest, by: RequestPlanner | None = None) -> CreativePlan:
    plan = (by or planner()).plan(asked, NOW_MS)
    assert isinstance(plan, CreativePlan), plan
    return plan


def test_the_nearest_campaign_and_item_answer_an_interest() -> None:
    assert planned(request(vector=vector(0))).campaign.campaign_id == "c1"
    lamp = planned(request(vector=vector(1)))
    assert (lamp.campaign.campaign_id, lamp.item.item_id) == ("c2", "i3")


def test_what_goes_with_what_was_taken_is_planned_with_its_reason_and_the_ad_is_silent_of_it() -> None:
    known = catalog()
    rows = np.full((len(known.items), MOST), NOBODY, np.int32)
    rows[known.index["i1"], 0] = known.index["i3"]
    sold = dataclasses.replace(known, complements=rows, complement_shares=(rows >= 0).astype(np.float32))
    by = RequestPlanner(lambda: PlanningSnapshot(Matcher(sold, [LAMPS])))
    asked = request(vector=vector(0), wanted=["i1"])
    lamp = planned(asked, by)
    assert (lamp.item.item_id, lamp.goes_with) == ("i3", "i1")
    made = [Written(lamp.slots[0], Copy("A lamp", "Warm light.", "Shop now", "B", ()), "template")]
    assert end_written(asked, lamp, made, Timing(), NOW_MS).reason.goes_with == "i1"
    brief = lamp.slots[0].brief
    assert not any("boots" in text.casefold() for text in (*brief.facts, brief.title, brief.noun, brief.text))
    assert planned(asked, planner(LAMPS)).goes_with == ""


def test_the_price_speaks_in_the_brief_of_a_cheap_item_for_who_takes_cheap_things() -> None:
    cheap = dataclasses.replace(catalog(), price_z=np.full(3, -2.0, np.float32))
    for known, tier, speaks in ((cheap, 1, True), (cheap, 4, False), (catalog(), 1, False)):
        asked = request(vector=vector(0), tier=tier)
        brief = brief_of(asked, BOOTS, known, 0, "native", "direct")
        assert brief.price_speaks is speaks


def test_what_a_user_spends_is_asked_with() -> None:
    asked = query_of(request(vector=vector(0), spending_minor=1_250, currency="EUR"), catalog(), NOW_MS)
    assert (asked.spending, asked.currency) == (1_250, "EUR")
    assert query_of(request(vector=vector(0)), catalog(), NOW_MS).spending is None


@pytest.mark.parametrize(
    ("wanted", "taken", "hidden", "newest"),
    [
        (["i3", "i1"], ["i2"], [], (2, 0)),
        (["i3", "i1"], ["i2"], [1], (0,)),
        (["i3"], ["i2"], [1], (1,)),
        (["unknown"], ["i2", "i3"], [1], (1,)),
        (["i3"], [], [1], ()),
    ],
)
def test_what_a_user_hides_has_no_complements_and_what_is_left_or_was_taken_before_has(
    wanted: list[str], taken: list[str], hidden: list[int], newest: tuple[int, ...]
) -> None:
    known = catalog()
    asked = request(vector=vector(0), wanted=wanted, taken=taken, suppressed=hidden, catalog_version=1)
    assert query_of(asked, known, NOW_MS).newest == newest


def test_a_user_who_was_seen_in_no_slot_yet_gets_the_first_slot_of_a_campaign() -> None:
    banners = dataclasses.replace(CAMPAIGN, templates=(BANNER,))
    asked = request(vector=vector(0), context=r.RequestContext())
    assert planned(asked).slots[0].slot == "native"
    assert planned(asked, planner(banners)).slots[0].slot == "banner_300x250"


def test_without_consent_to_personalise_there_is_no_plan() -> None:
    assert planner().plan(request(vector=vector(0), consent=r.Explicit(profile=True)), NOW_MS) == Refusal(
        "no_consent"
    )


def test_without_a_catalogue_there_is_no_match() -> None:
    assert RequestPlanner(PlanningSnapshot).plan(request(), NOW_MS) == Refusal("no_match", ("NO_CATALOG",))


def test_a_reached_cap_is_told_apart_from_no_match() -> None:
    capped = dataclasses.replace(BOOTS, caps=(Cap(3, 3600),))
    assert planner(capped).plan(request(vector=vector(0), caps={"c1": 3}), NOW_MS) == Refusal("capped")
    paused = dataclasses.replace(BOOTS, status="paused")
    assert planner(paused).plan(request(vector=vector(0)), NOW_MS) == Refusal("no_match")


def test_one_line_per_slot_the_user_was_seen_in() -> None:
    context = r.RequestContext(slots=["banner_300x250", "video_16x9", "native"])
    assert [line.slot for line in planned(request(vector=vector(0), context=context)).slots] == [
        "banner_300x250",
        "native",
    ]


def test_a_replay_plans_the_same_and_another_request_may_not() -> None:
    plans = [planned(request(n, vector=vector(0))) for n in (1, 1, 2, 3, 4, 5, 6)]
    assert plans[0] == plans[1]
    assert len({plan.slots[0].arm for plan in plans}) > 1


def test_the_propensity_is_that_of_arm_and_item_together() -> None:
    known = {("c2", "native"): {f"{style}.t-native": Posterior(1.0, 999.0) for style in STYLES}}
    chances = [
        planned(request(n, vector=vector(1)), planner(posteriors=known)).slots[0].propensity
        for n in range(30)
    ]
    assert all(0 < chance < 1 for chance in chances), "one lamp, so the item is certain and the arm is not"
    assert 0.5 / len(STYLES) < float(np.mean(chances)) < 2 / len(STYLES)


def test_a_known_good_arm_is_chosen_most() -> None:
    known = {
        ("c2", "native"): {
            f"{style}.t-native": Posterior(300.0 if style == "scene" else 3.0, 1_000.0) for style in STYLES
        }
    }
    arms = [planned(request(n, vector=vector(1)), planner(posteriors=known)).slots[0].arm for n in range(40)]
    assert arms.count("scene.t-native") >= 36


def test_the_click_model_moves_the_choice_of_items_and_of_cold_arms() -> None:
    """It has seen that who likes footwear clicks on i2, and on style urgent."""
    favours = [
        Foreseen(campaign_id="c1", item_id=item, code="footwear", style=style, slot="native",
                template_id="t-native", interest=("footwear",))
        for item in ("i1", "i2") for style in STYLES[:2]
    ]  # fmt: skip
    model = learnt(
        favours, lambda each: 0.05 + 0.25 * (each.item_id == "i2") + 0.2 * (each.style == STYLES[1])
    )
    asked = [request(n, vector=vector(0)) for n in range(200)]
    plain, told = planner(BOOTS), planner(BOOTS, opinion=ClickOpinion(model))

    def share(by: RequestPlanner, what: Callable[[CreativePlan], bool]) -> float:
        return sum(what(planned(each, by)) for each in asked) / len(asked)

    assert share(told, lambda plan: plan.item.item_id == "i2") > 1.3 * share(
        plain, lambda plan: plan.item.item_id == "i2"
    )
    assert share(told, lambda plan: plan.slots[0].arm.startswith(STYLES[1])) > 1.3 * share(
        plain, lambda plan: plan.slots[0].arm.startswith(STYLES[1])
    )
    line = planned(asked[0], told).slots[0]
    assert line.opinion is not None and line.opinion.showing.interest == ("footwear",)
    assert line.opinion.showing.style == style_of(line.arm)


def test_what_is_taken_without_exposure_moves_the_choice_of_items() -> None:
    likes = UserWants(("footwear",), (), 2)
    items = [ItemTraits(item, "footwear") for item in ("i1", "i2")]
    model = learnt(
        [unexposed(each, likes) for each in items], lambda each: 0.1 + 0.4 * (each.item_id == "i2")
    )
    asked = [request(n, vector=vector(0)) for n in range(100)]
    plain, told = planner(BOOTS), planner(BOOTS, takes=TakesOpinion(model))
    by_nearness, by_behaviour = (
        sum(planned(each, by).item.item_id == "i2" for each in asked) for by in (plain, told)
    )
    assert by_behaviour > 1.3 * by_nearness


def test_a_campaign_narrows_what_is_drawn_and_nothing_else_ever_is() -> None:
    extra = dataclasses.replace(CAMPAIGN.templates[0], template_id="t-other")
    wide = dataclasses.replace(BOOTS, templates=(*CAMPAIGN.templates, extra))
    narrow = dataclasses.replace(wide, styles=("scene", "offer"), drawn_template_ids=("t-other",))
    known = {("c1", "native"): {f"{style}.t-native": Posterior(300.0, 700.0) for style in STYLES}}
    lines = [
        planned(request(n, vector=vector(0)), planner(narrow, posteriors=known)).slots[0] for n in range(60)
    ]
    assert {each.arm for each in lines} == {"scene.t-other", "offer.t-other"}
    assert {each.template.template_id for each in lines} == {"t-other"}
    assert {each.brief.style for each in lines} == {"scene", "offer"}
    arms = {planned(request(n, vector=vector(0)), planner(wide)).slots[0].arm for n in range(60)}
    assert len(arms) > 6, "without the field all are drawn"


def in_trial(treatment: Treatment, start_ms: int = 0, **snapshot: object) -> RequestPlanner:
    """Every user is in one arm with this treatment."""
    trial = Experiment("e1", "salt", (ExperimentArm("all", 1.0, treatment),), start_ms, 2 * NOW_MS)
    return planner(dataclasses.replace(BOOTS, experiment=trial), **snapshot)


def test_a_holdout_gets_no_creative_of_its_own_and_says_so() -> None:
    asked = request(vector=vector(0))
    assert in_trial(Treatment(holdout=True)).plan(asked, NOW_MS) == Refusal("holdout")
    assert isinstance(in_trial(Treatment()).plan(asked, NOW_MS), CreativePlan)
    late = msgspec.structs.replace(asked, cause=msgspec.structs.replace(asked.cause, ts=0))
    begun = in_trial(Treatment(holdout=True), start_ms=NOW_MS)
    assert begun.plan(late, NOW_MS) == Refusal("holdout"), "caused before the start, shown after it"
    assert isinstance(begun.plan(asked, NOW_MS - 1), CreativePlan)
    assert isinstance(in_trial(Treatment(holdout=True)).plan(asked, 2 * NOW_MS), CreativePlan)


def test_a_treatment_narrows_the_styles_of_its_arm() -> None:
    by = in_trial(Treatment(styles=(STYLES[2],)))
    drawn = {planned(request(n, vector=vector(0)), by).slots[0].arm for n in range(40)}
    assert {arm.partition(".")[0] for arm in drawn} == {STYLES[2]}


def test_an_arm_may_draw_evenly_whatever_is_known() -> None:
    line = planned(request(vector=vector(0))).slots[0]
    known = {("c1", line.slot): {line.arm: Posterior(500.0, 500.0)}}
    by = in_trial(Treatment(policy="uniform"), posteriors=known)
    lines = [planned(request(n, vector=vector(0)), by).slots[0] for n in range(60)]
    assert len({each.arm for each in lines}) > 3
    assert len({round(each.propensity / (each.item_propensity or 1), 9) for each in lines}) == 1


def test_copy_from_before_an_experiment_is_not_published_again() -> None:
    past = r.PastCreative("c1", "i1", "native", r.CopyText("Old", "Words", "Shop now"), "t1")
    asked = request(vector=vector(0), regime=[past])
    assert planned(asked, planner(BOOTS)).slots[0].past is not None
    assert planned(asked, in_trial(Treatment())).slots[0].past is None


def test_a_slot_for_which_nothing_is_drawn_gets_no_creative() -> None:
    banner_only = dataclasses.replace(BOOTS, drawn_template_ids=("t-banner",))
    context = r.RequestContext(slots=["native", "banner_300x250"])
    asked = request(vector=vector(0), context=context)
    assert [line.slot for line in planned(asked, planner(banner_only)).slots] == ["banner_300x250"]
    for nothing in ({"styles": ("bold",)}, {"drawn_template_ids": ("gone",)}):
        by = planner(dataclasses.replace(BOOTS, **nothing))  # type: ignore[arg-type]
        assert by.plan(asked, NOW_MS) == Refusal("no_match")


def test_old_copy_of_an_arm_that_was_excluded_since_is_not_published_again() -> None:
    asked = request(vector=vector(0), regime=[PAST])
    assert planned(asked).slots[0].past is not None
    for less in ({"styles": ("direct",)}, {"drawn_template_ids": ("t-banner", "t-more")}):
        more = dataclasses.replace(CAMPAIGN.templates[0], template_id="t-more")
        narrow = dataclasses.replace(BOOTS, templates=(*CAMPAIGN.templates, more), **less)
        assert planned(asked, planner(narrow)).slots[0].past is None


def test_rates_are_pooled_over_campaigns_of_the_same_goal() -> None:
    sales = dataclasses.replace(BOOTS, goal="conversions")
    by = planner(sales, LAMPS, overall={"clicks": 0.08})
    assert planned(request(vector=vector(0)), by).slots[0].usual_ctr == pytest.approx(0.001)
    (lamp,) = planned(request(vector=vector(1)), by).slots
    assert lamp.usual_ctr == 0.08 and lamp.expected_ctr == pytest.approx(0.08)


def test_the_brief_tells_of_time_place_and_interest_what_has_to_do_with_the_item() -> None:
    context = r.RequestContext(hour=20, weekday=5, device=4, country="DEU", slots=["native"])
    asked = request(vector=vector(0), context=context)
    brief = planned(asked).slots[0].brief
    assert (brief.daypart, brief.weekday, brief.device, brief.place) == ("", "", "phone", "DE")
    assert brief.interest == ("footwear",)
    assert not brief.returning
    lamps = r.Trigger("interest_shift", 4.2, [r.Weighted("lamps", 0.8), r.Weighted("gone", 0.1)])
    assert planned(msgspec.structs.replace(asked, trigger=lamps)).slots[0].brief.interest == ()
    items = catalog().items
    told = dataclasses.replace(items[0], text="Boots for long evenings and every weekend.")
    shelf = dataclasses.replace(catalog(), items=(told, *items[1:]))
    line = brief_of(asked, BOOTS, shelf, 0, "native", "direct")
    assert (line.daypart, line.weekday, line.text) == ("evening", "saturday", told.text)


def test_a_returning_interest_gets_its_old_copy_when_it_may_still_be_shown() -> None:
    past = r.PastCreative(
        "c1",
        "i1",
        "native",
        r.CopyText("Boots again", "Granite trail boots.", "Shop now"),
        "t-native",
        "scene.t-native",
    )
    plan = planned(request(vector=vector(1), regime=[past]))
    assert (plan.campaign.campaign_id, plan.item.item_id, plan.slots[0].arm) == ("c1", "i1", "scene.t-native")
    assert plan.slots[0].past is not None
    assert plan.slots[0].past.headline == "Boots again"
    ended = planner(dataclasses.replace(BOOTS, status="ended"), LAMPS)
    assert planned(request(vector=vector(1), regime=[past]), ended).campaign.campaign_id == "c2"


def test_a_plan_stands_while_its_campaign_runs_unchanged() -> None:
    plan = planned(request(vector=vector(0)))
    assert planner().stands(plan, NOW_MS)
    assert not planner(dataclasses.replace(BOOTS, status="paused")).stands(plan, NOW_MS)
    assert not planner(dataclasses.replace(BOOTS, version=9)).stands(plan, NOW_MS)
    assert not planner(dataclasses.replace(BOOTS, avoid=("cheap",))).stands(plan, NOW_MS)
    assert not planner(LAMPS).stands(plan, NOW_MS)


PAST = r.PastCreative(
    "c1", "i1", "native", r.CopyText("Boots again", "Granite trail boots.", "Shop now"), "t-native",
    "scene.t-native", "cr_1", "cr_0",
)  # fmt: skip


def revoking(kind: str, id: str, since_ms: int = NOW_MS, **more: Any) -> RequestPlanner:
    said = Revocations()
    said.take(Revocation(kind, id, "said", since_ms, **more))
    return planner(revocations=said)


@pytest.mark.parametrize(
    ("kind", "id"), [("creative", "cr_1"), ("creative", "cr_0"), ("template", "t-native"), ("item", "i1")]
)
def test_old_copy_that_was_revoked_is_not_published_again(kind: str, id: str) -> None:
    asked = request(vector=vector(1), regime=[PAST])
    assert planned(asked, revoking(kind, id)).slots[0].past is not None, "what was made before: reviewed anew"
    assert planned(asked, revoking(kind, id, lasting=True)).slots[0].past is None


def filled_past() -> r.PastCreative:
    """The past creative with the words of its template as it is."""
    line = planned(request(vector=vector(1), regime=[PAST])).slots[0]
    now = fill_template(line.template.headline, line.template.description, line.template.cta, line.brief)
    said = r.CopyText(now.headline, now.description, now.cta)
    return msgspec.structs.replace(PAST, copy=said, by_model=False)


def test_old_words_of_a_template_that_says_something_else_are_not_published_again() -> None:
    filled = filled_past()
    assert planned(request(vector=vector(1), regime=[filled])).slots[0].past is not None
    old = msgspec.structs.replace(filled.copy, headline="Stridewell sells boots")
    reworded = msgspec.structs.replace(filled, copy=old)
    assert planned(request(vector=vector(1), regime=[reworded])).slots[0].past is None


def test_the_switch_leaves_no_plan_or_no_model() -> None:
    asked = request(vector=vector(0))
    for id in ("*", "c1"):
        assert revoking("switch", id, mode="defaults_only").plan(asked, NOW_MS) == Refusal(
            "withdrawn", ("SWITCHED",)
        )
        templates_only = revoking("switch", id, mode="templates_only")
        assert not templates_only.may_write(planned(asked, templates_only))
    other = revoking("switch", "c2", mode="templates_only")
    assert other.may_write(planned(asked, other)) and planner().may_write(planned(asked))
    switched = revoking("switch", "*", mode="templates_only")
    for by_model in (True, False):
        kept = PAST if by_model else filled_past()
        again = planned(request(vector=vector(1), regime=[kept]), switched).slots[0].past
        assert (again is None) == by_model, "a filled template may come again, whatever its arm"


def test_what_was_revoked_while_it_was_written_has_a_code() -> None:
    asked = request(vector=vector(0))
    plan = planned(asked)
    written = [Written(plan.slots[0], Copy("h", "d", "Shop now", "b"), "model")]
    (made,) = make_creatives(asked, plan, written, NOW_MS)
    assert planner().revoked(made, "") is None
    assert revoking("creative", made.creative_id, lasting=True).revoked(made, "") == "REVOKED"
    assert revoking("creative", "cr_0", lasting=True).revoked(made, "cr_0") == "REVOKED"
    assert revoking("item", made.item_id or "", NOW_MS + 1).revoked(made, "") == "REVOKED"
    assert revoking("switch", "*", mode="templates_only").revoked(made, "") == "SWITCHED"


def test_a_plan_stands_while_its_item_is_offered_as_it_was() -> None:
    plan = planned(request(vector=vector(0)))
    assert planner().stands(plan, NOW_MS)
    dearer = dataclasses.replace(plan, item=dataclasses.replace(plan.item, price_minor=1))
    assert not planner().stands(dearer, NOW_MS)


def test_a_vector_of_the_version_before_is_mapped_and_an_older_one_is_made_of_its_interests() -> None:
    turned = np.roll(np.eye(64, dtype=np.float32), 1, axis=0)  # old axis k is new axis k + 1
    current = dataclasses.replace(catalog(), version=5, previous=4, rotation=turned)
    assert np.argmax(interest_vector(request(vector=vector(0), catalog_version=4), current)) == 1
    assert np.argmax(interest_vector(request(vector=vector(1), catalog_version=5), current)) == 1
    lost = request(vector=vector(1), catalog_version=2, top=[r.Weighted("footwear", 0.9)])
    assert np.argmax(interest_vector(lost, current)) == 0


@pytest.mark.parametrize(
    "text", ["?", "AAAA", base64.b64encode(np.full(64, np.nan, "<f2").tobytes()).decode()]
)
def test_a_vector_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="vector"):
        decode_vector(text)


def test_dayparts_are_quarters_of_the_day() -> None:
    assert [daypart(hour) for hour in (0, 5, 6, 12, 18, 23, None)] == [
        "night",
        "night",
        "morning",
        "afternoon",
        "evening",
        "evening",
        "",
    ]


def with_layouts(
    drawn: tuple[str, ...], campaign: Campaign = BOOTS, known: Mapping[str, Posterior] = MappingProxyType({})
) -> RequestPlanner:
    posteriors = {("c1", "native"): {layout_arm(name): each for name, each in known.items()}}
    snapshot = PlanningSnapshot(Matcher(catalog(), [campaign]), posteriors)
    return RequestPlanner(lambda: snapshot, layouts=lambda slot: drawn if slot == "native" else ())


def test_a_layout_is_drawn_beside_the_arm_with_a_chance_of_its_own() -> None:
    asked = [request(request_id=f"rq_{n:016x}", vector=vector(0)) for n in range(400)]
    plain, by = planner(BOOTS), with_layouts(("shelf", "beside"))
    lines = [planned(each, by).slots[0] for each in asked]
    shares = {name: sum(line.layout == name for line in lines) / len(lines) for name in ("shelf", "beside")}
    [chance] = {line.layout_propensity for line in lines if line.layout == "shelf"}
    assert chance is not None and abs(shares["shelf"] - chance) < 0.08 and sum(shares.values()) == 1
    assert [planned(each, by).slots[0] for each in asked[:9]] == lines[:9], "a replay draws the same"
    assert [(line.arm, line.propensity) for line in lines[:50]] == [
        (line.arm, line.propensity) for line in (planned(each, plain).slots[0] for each in asked[:50])
    ], "the arm is drawn as without"
    assert len({(line.arm, line.layout) for line in lines}) > len({line.arm for line in lines})


def test_the_layout_that_earns_more_is_drawn_more_and_no_arm_is_judged_by_it() -> None:
    known = {"shelf": Posterior(300, 700), "beside": Posterior(10, 990)}
    lines = [
        planned(
            request(request_id=f"rq_{n:016x}", vector=vector(0)),
            with_layouts(("shelf", "beside"), known=known),
        )
        for n in range(60)
    ]
    drawn = [each.slots[0] for each in lines]
    assert sum(line.layout == "shelf" for line in drawn) > 50
    assert {line.layout_propensity for line in drawn if line.layout == "beside"} <= {0.01}
    unknown = planned(request(vector=vector(0)), with_layouts(("shelf", "beside"))).slots[0]
    assert drawn[0].expected_ctr == unknown.expected_ctr


def test_a_template_that_names_its_layout_and_a_slot_with_one_are_not_drawn_for() -> None:
    named = tuple(dataclasses.replace(each, layout="shelf") for each in BOOTS.templates)
    for by in (
        with_layouts(("shelf", "beside"), dataclasses.replace(BOOTS, templates=named)),
        with_layouts(("shelf",)),
        with_layouts(()),
    ):
        line = planned(request(vector=vector(0)), by).slots[0]
        assert (line.layout, line.layout_propensity) == ("", None)


def test_the_creative_says_which_layout_was_drawn() -> None:
    plan = planned(request(vector=vector(0)), with_layouts(("shelf", "beside")))
    written = [Written(line, Copy("h", "d", "c"), "model") for line in plan.slots]
    said = make_creatives(request(), plan, written, NOW_MS)[0].experiment
    assert said is not None and said.layout == plan.slots[0].layout in ("shelf", "beside")
    assert said.layout_propensity == plan.slots[0].layout_propensity == pytest.approx(0.5, abs=0.1)
