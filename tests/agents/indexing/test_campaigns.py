"""Campaigns and the experiments that they state, as the catalogue worker judges them."""

from __future__ import annotations

import msgspec

from agents.indexing.campaigns import judge_experiment, warning_of
from models.choice.experiment_ledger import ExperimentLedger
from streams import records as r
from streams.topics import EXPERIMENT
from streams.wire.refusals import Reason

TRIAL = r.Experiment("e1", "salt", [r.ExperimentArm("a", 0.5), r.ExperimentArm("b", 0.5)], 1_000, 9_000)
CAMPAIGN = r.Campaign("c1", 1, "active", r.Advertiser("Acme"), experiment=TRIAL)


def test_a_new_experiment_is_entered_once() -> None:
    ledger = ExperimentLedger()
    (began,), refused = judge_experiment(ledger, 3, CAMPAIGN, 2_000)
    assert refused == []
    assert (began.topic, began.key) == (EXPERIMENT.name, b"e1")
    record = msgspec.json.decode(began.value or b"", type=r.ExperimentRecord)
    assert (record.experiment, record.campaign_id, record.status) == (TRIAL, "c1", "running")
    assert judge_experiment(ledger, 4, CAMPAIGN, 3_000) == ([], [])


def test_one_that_would_change_what_runs_is_refused_with_the_reason() -> None:
    ledger = ExperimentLedger()
    judge_experiment(ledger, 0, CAMPAIGN, 2_000)
    other = msgspec.structs.replace(TRIAL, salt="new")
    changed = msgspec.structs.replace(CAMPAIGN, version=2, experiment=other)
    began, (refused,) = judge_experiment(ledger, 7, changed, 3_000)
    assert began == []
    assert (refused.index, refused.reason) == (7, Reason.EXPERIMENT_CHANGED)
    assert "another salt" in refused.message


def test_a_campaign_without_one_says_nothing() -> None:
    without = msgspec.structs.replace(CAMPAIGN, experiment=None)
    assert judge_experiment(ExperimentLedger(), 0, without, 2_000) == ([], [])


def test_the_mistakes_of_a_record_are_one_line_that_names_the_first_and_counts_the_rest() -> None:
    value = {
        "campaign_id": "c1",
        "version": 1,
        "status": "Active",
        "goal": "click",
        "advertiser": {"name": ""},
    }
    said = warning_of(value, None, 2_000)
    assert said.startswith(
        'status is "Active"; allowed: active, paused, ended; probably meant: "active". goal'
    )
    assert said.endswith(" more: `shiftcast check` lists all") and "\n" not in said
    template = {"template_id": "t", "slot": "native", "locale": "en", "cta": "c", "audit": 3}
    whole = value | {"status": "active", "goal": "clicks", "advertiser": {"name": "Acme"}}
    whole |= {"templates": [template | {"headline": "{title}", "description": "{title}"}]}
    assert warning_of(whole, None, 2_000) == ""
