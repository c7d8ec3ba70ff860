"""The demo's experiment: on what its users want most, and what it says beside the truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from agents.demo.crowd import Crowd
from agents.demo.show import lift_line
from agents.demo.trial import DEFAULTS, HELD_OUT_SHARE, PERSONAL, DemoTrial, holdout, lift_of, most_wanted
from agents.exposure_log.trials import TrialFindings
from models.choice.experiments import arm_of
from models.trial.report import report_trial
from models.world.ad_server import ShownCreative
from models.world.traffic import TrafficPlan
from streams.mapping.campaigns import experiment_of
from streams.records import Campaign, CatalogItem
from streams.settings import Settings
from streams.wire.record_files import read_lines
from tests.bench.choice.bench_experiments import draw_group

DATA = Path(__file__).parents[3] / "deploy/demo"
CAMPAIGNS = read_lines(DATA / "campaigns.jsonl", Campaign)
NOW_MS = 1_800_000_000_000


def crowd(seed: int = 1) -> Crowd:
    items = read_lines(DATA / "catalog.jsonl", CatalogItem)
    return Crowd(Settings(), items, TrafficPlan(users=300, tag="s1-"), seed)


def test_one_campaign_states_it_from_before_the_history_on_and_the_others_stay() -> None:
    here = crowd()
    trial = DemoTrial(CAMPAIGNS, here, NOW_MS)
    stated = {each.campaign_id: each.experiment for each in trial.campaigns}
    mine = stated.pop(trial.campaign_id)
    assert mine is not None
    assert set(stated.values()) == {None}
    assert mine.start < NOW_MS - here.plan.days * 86_400_000
    assert [arm.treatment.holdout for arm in mine.arms] == [True, False]
    assert trial.campaign_id == most_wanted(CAMPAIGNS, here.traffic)
    others = {most_wanted(CAMPAIGNS, crowd(seed).traffic) for seed in range(2, 8)}
    assert len(others) > 1


def test_the_truth_of_a_group_is_what_its_impressions_were_worth() -> None:
    here = crowd()
    trial = experiment_of(holdout("h", 0, 300))
    traffic = here.traffic
    traffic.history(NOW_MS)
    item = next(iter(traffic.by_id.values()))
    for user, visitor in traffic.visitors.items():
        if arm_of(trial, user) == PERSONAL:
            own = ShownCreative(f"cr_{user}", "c-1", "t", item.item_id, item.category, visitor.slot)
            traffic.ads.show(user, "c-1", visitor.slot, own)
    for number in range(3_000):
        traffic.visit(NOW_MS + number)
    truth = here.true_ctr("c-1", lambda user: arm_of(trial, user))
    assert set(truth) == {PERSONAL}
    seen = [v for v in traffic.visitors.values() if "c-1" in v.worth]
    expected = sum(v.worth["c-1"].expected_clicks for v in seen)
    assert truth[PERSONAL] == pytest.approx(expected / sum(v.worth["c-1"].impressions for v in seen))
    assert here.true_ctr("none", lambda user: arm_of(trial, user)) == {}


def found(**groups: float) -> TrialFindings:
    rng = np.random.default_rng(3)
    totals = {arm: draw_group(rng, 3_000, lift=lift) for arm, lift in groups.items()}
    shares = [(DEFAULTS, HELD_OUT_SHARE), (PERSONAL, 1 - HELD_OUT_SHARE)]
    return TrialFindings(report_trial(shares, totals, 6_000), 0, None, {})


def test_the_lift_has_its_interval_and_the_truth_beside_it() -> None:
    lift = lift_of(found(default=0.0, personal=2.0), {DEFAULTS: 0.05, PERSONAL: 0.15})
    assert lift["lo"] < 2.0 < lift["hi"]
    assert lift["lo"] < lift["lift"] < lift["hi"]
    assert lift["true_lift"] == 2.0
    said = lift_line({"campaign": "c-home", **lift})
    assert "experiment on c-home" in said
    assert "truly 200.0% in this simulated world" in said


@pytest.mark.parametrize("truth", [{}, {PERSONAL: 0.1}, {PERSONAL: 0.1, DEFAULTS: 0.0}])
def test_without_anything_to_divide_by_there_is_no_lift(truth: Mapping[str, float | None]) -> None:
    lift = lift_of(found(personal=0.5), truth)
    assert (lift["lift"], lift["lo"], lift["true_lift"]) == (None, None, None)
    assert "-" in lift_line({"campaign": "c-home", **lift})
