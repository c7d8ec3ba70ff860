"""An experiment from its exposures, and how one starts and ends."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from agents.exposure_log.experiments import KnownExperiments, arm_of_text
from agents.exposure_log.trials import judge_trial, result_of
from streams import records as r
from streams.loud_end import RefusedError
from streams.topics import CAMPAIGN, DAY_MS, EXPERIMENT

START, END = 1_760_000_000_000, 1_762_000_000_000
TRIAL = r.Experiment(
    "e1", "salt", [r.ExperimentArm("usual", 0.5), r.ExperimentArm("none", 0.5, r.Treatment(holdout=True))],
    START, END, 100,
)  # fmt: skip
BEGAN = r.ExperimentRecord("e1", "c1", TRIAL, "running")
TEMPLATE = r.Template("t1", "native", "en", "h", "d", "c")
SHOP = r.Campaign("c1", 1, "active", r.Advertiser("Acme"), templates=[TEMPLATE])


def exposure(number: int, user: str, arm: str | None, **more: Any) -> r.Exposure:
    given: dict[str, Any] = {
        "exposure_id": f"ex_{number}", "user": user, "ts": START + number, "settled": "complete",
        "campaign_id": "c1", "creative_id": "cr_1", "slot": "native", "template_id": "t1", "arm": "direct.t1",
        "experiments": {} if arm is None else {"e1": arm},
    }  # fmt: skip
    return r.Exposure(**given | more)


def test_users_are_counted_by_their_arm_and_money_by_its_currency() -> None:
    log = [exposure(n, f"u{n % 80}", "usual" if n % 2 else "none", clicked=n % 3 == 0) for n in range(800)]
    log += [exposure(900, "u1", "usual", conversions=2, value_minor={"EUR": 700, "USD": 1})]
    log += [exposure(901, "u1", "usual", value_minor={"EUR": -100})]
    log += [exposure(902, "stranger", None, clicked=True)]
    result = result_of(judge_trial(BEGAN, log), 5)
    usual, none = result.arms
    assert (usual.arm, usual.users, usual.impressions, usual.conversions) == ("usual", 40, 402, 2)
    assert (none.arm, none.users, none.impressions) == ("none", 40, 400)
    assert (result.currency, usual.revenue_minor, result.mixed) == ("EUR", 600, 0)
    assert {each.metric for each in result.effects} == {"ctr", "cvr", "revenue_per_user"}
    assert result.sample_ratio_p == pytest.approx(1.0)


def test_a_look_never_undoes_a_stop_nor_forgets_users_that_were_seen() -> None:
    seen = result_of(judge_trial(BEGAN, [exposure(n, f"u{n}", "usual") for n in range(9)]), 5)
    looked = msgspec.structs.replace(BEGAN, result=seen)
    stopped = msgspec.structs.replace(BEGAN, status="finished", by="ann")
    [told] = known(stopped).to_record([looked], END - 1)
    assert (told.status, told.by, told.result) == ("finished", "ann", seen)
    emptied = msgspec.structs.replace(BEGAN, result=result_of(judge_trial(BEGAN, []), 9))
    assert known(looked).to_record([emptied], END - 1) == []
    assert known().to_record([looked], END - 1) == []
    [over] = known(looked).to_record([emptied], END)
    assert (over.status, over.result) == ("finished", seen), "it ends with the figures that it had"


def test_an_experiment_is_finished_by_the_look_that_has_its_last_clicks() -> None:
    looked = msgspec.structs.replace(
        BEGAN, result=result_of(judge_trial(BEGAN, [exposure(1, "u1", "usual")]), 5)
    )
    assert [each.status for each in known(BEGAN).to_record([looked], END - 1)] == ["running"]
    assert [each.status for each in known(BEGAN).to_record([looked], END)] == ["finished"]


def test_impressions_of_what_is_not_the_arms_are_told() -> None:
    arms = [
        r.ExperimentArm("usual", 0.4),
        r.ExperimentArm("a", 0.3, r.Treatment(templates=["t1"])),
        r.ExperimentArm("none", 0.3, r.Treatment(holdout=True)),
    ]
    began = msgspec.structs.replace(BEGAN, experiment=msgspec.structs.replace(TRIAL, arms=arms))
    log = [
        exposure(1, "u1", "a"),
        exposure(2, "u1", "a", template_id="t2"),
        exposure(3, "u2", "none"),
        exposure(4, "u2", "none", request_id="rq_1"),
        exposure(5, "u3", "usual", template_id="t2", request_id="rq_1"),
    ]
    found = result_of(judge_trial(began, log), 5)
    assert {each.arm: (each.impressions, each.outside) for each in found.arms} == {
        "usual": (1, 0),
        "a": (2, 1),
        "none": (2, 1),
    }


def known(*records: r.ExperimentRecord) -> KnownExperiments:
    state = KnownExperiments()
    state.on_record(CAMPAIGN, "c1", SHOP, (), 0)
    for each in records:
        state.on_record(EXPERIMENT, each.experiment_id, each, (), 0)
    return state


def test_one_starts_on_a_campaign_that_has_none_running() -> None:
    assert known().begin("c1", TRIAL, "ann") == msgspec.structs.replace(BEGAN, by="ann")
    second = msgspec.structs.replace(TRIAL, id="e2", start=START + 5)
    with pytest.raises(RefusedError, match="experiment stop e1"):
        known(BEGAN).begin("c1", second, "ann")
    with pytest.raises(RefusedError, match='no campaign is called "c9": there is c1'):
        known().begin("c9", TRIAL, "ann")
    with pytest.raises(RefusedError, match="began already"):
        known(BEGAN).begin("c1", TRIAL, "ann")


def test_one_without_a_name_is_refused_and_the_arms_that_a_refusal_names_are_taken() -> None:
    with pytest.raises(RefusedError, match="--id NAME"):
        known().begin("c1", msgspec.structs.replace(TRIAL, id=""), "ann")
    with pytest.raises(RefusedError) as refused:
        arm_of_text("a=nan")
    named = [arm_of_text(each) for each in re.findall(r"--arm (\S+)", str(refused.value))]
    assert known().begin("c1", msgspec.structs.replace(TRIAL, arms=named), "ann").experiment.arms == named


def test_arms_that_cannot_be_are_refused_before_they_are_sent() -> None:
    broken = msgspec.structs.replace(TRIAL, arms=[r.ExperimentArm("a", 0.8), r.ExperimentArm("b", 0.8)])
    with pytest.raises(RefusedError, match=r"add up to 1\.6"):
        known().begin("c1", broken, "ann")


def test_one_that_outlives_its_exposures_is_refused_with_the_days_that_are_kept() -> None:
    longest = msgspec.structs.replace(TRIAL, end=START + 30 * DAY_MS)
    assert known().begin("c1", longest, "ann").experiment == longest
    with pytest.raises(RefusedError, match=r"of 45 days outlives .* keeps them 30 days.* give --days 30 or"):
        known().begin("c1", msgspec.structs.replace(TRIAL, end=START + 45 * DAY_MS), "ann")


def test_a_stopped_one_ended_then_and_keeps_its_end_when_it_is_stopped_again() -> None:
    result = result_of(judge_trial(BEGAN, []), START + 60)
    ended = known(BEGAN).end("e1", result, "bob", START + 50)
    assert (ended.status, ended.experiment.end, ended.by) == ("finished", START + 50, "bob")
    again = known(ended).end("e1", result, "bob", START + 90)
    assert again.experiment.end == START + 50
    second = msgspec.structs.replace(TRIAL, id="e2", start=START + 100)
    assert known(ended).begin("c1", second, "ann").status == "running"
    with pytest.raises(RefusedError, match='no experiment is called "e7": there is e1'):
        known(ended).named("e7")


def test_arms_as_they_are_typed() -> None:
    assert arm_of_text("usual=0.5") == r.ExperimentArm("usual", 0.5)
    assert arm_of_text("x=0.25:holdout").treatment == r.Treatment(holdout=True)
    model = arm_of_text("model=0.5:copywriter=acme/2,detector=7.5").treatment
    assert model == r.Treatment(copywriter="acme/2", detector_target=7.5)
    given = arm_of_text("bold=0.5:styles=direct+story,templates=t1,policy=uniform").treatment
    assert given == r.Treatment(styles=["direct", "story"], templates=["t1"], policy="uniform")


@pytest.mark.parametrize(
    "text",
    [
        "usual",
        "usual=2",
        "=0.5",
        "usual=0.5:loud",
        "usual=0.5:holdout=yes",
        "a=x",
        "a=nan",
        "a=0.5:detector=²",
        "a=0.5:detector=inf",
    ],
)
def test_arms_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="arm"):
        arm_of_text(text)


def test_what_wrote_for_arms_ends_with_the_last_experiment_that_it_wrote_for() -> None:
    def by(name: str, status: str, *references: str) -> r.ExperimentRecord:
        arms = [r.ExperimentArm(each, 0.3, r.Treatment(copywriter=each)) for each in references]
        trial = msgspec.structs.replace(TRIAL, id=name, arms=[*arms, r.ExperimentArm("usual", 0.1)])
        return r.ExperimentRecord(name, "c1", trial, status)

    state = known(
        by("e1", "running", "acme/2", "acme/3"), by("e2", "running", "acme/3"), by("e3", "finished", "acme/2")
    )
    assert state.copywriters_left({"e1"}, START) == {"acme/2"}
    assert state.copywriters_left({"e2"}, START) == set()
    assert state.copywriters_left({"e1", "e2"}, START) == {"acme/2", "acme/3"}
    assert state.copywriters_left({"e2"}, END) == {"acme/3"}, "one that is over holds nothing back"
