"""What runs stays what it is: changed arms are refused with the reason, and what began stays in force."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.campaigns import Campaign, Experiment, ExperimentArm, Treatment
from models.choice.experiment_ledger import ExperimentLedger, LedgerEntry

ARMS = (ExperimentArm("a", 0.5), ExperimentArm("b", 0.5, Treatment(holdout=True)))
BEGAN = Experiment("e1", "salt", ARMS, 1_000, 9_000)
CAMPAIGN = Campaign("c1", 1, "active", "Brand", experiment=BEGAN)


def ledger(*entries: LedgerEntry) -> ExperimentLedger:
    known = ExperimentLedger()
    for each in entries:
        known.take(each.experiment.id, each)
    return known


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"arms": (ExperimentArm("a", 0.6), ExperimentArm("b", 0.4, Treatment(holdout=True)))}, "arms"),
        ({"arms": (ExperimentArm("a", 0.5), ExperimentArm("b", 0.5))}, "arms"),
        ({"arms": ARMS[:1]}, "arms"),
        ({"salt": "other"}, "salt"),
        ({"start_ms": 2_000}, "start"),
        ({"end_ms": 9_001}, "end"),
        ({"planned_users": 7}, "planned_users"),
    ],
)
def test_a_running_experiment_that_is_stated_otherwise_is_refused_and_stays(
    change: dict[str, object], named: str
) -> None:
    known = ledger(LedgerEntry("c1", BEGAN))
    changed = replace(BEGAN, **change)  # type: ignore[arg-type]
    why = known.refusal("c1", changed, 5_000)
    assert why is not None
    assert f"another {named}:" in why
    assert "experiment stop e1" in why
    assert known.in_force(replace(CAMPAIGN, version=2, experiment=changed)).experiment == BEGAN


def test_what_is_stated_as_it_began_is_taken() -> None:
    known = ledger(LedgerEntry("c1", BEGAN))
    assert known.refusal("c1", BEGAN, 5_000) is None
    assert known.in_force(CAMPAIGN) is CAMPAIGN


def test_a_campaign_that_leaves_its_experiment_out_does_not_end_it() -> None:
    known = ledger(LedgerEntry("c1", BEGAN))
    assert known.in_force(replace(CAMPAIGN, experiment=None)).experiment == BEGAN


def test_another_experiment_waits_until_the_one_that_runs_is_stopped_or_over() -> None:
    second = replace(BEGAN, id="e2", start_ms=6_000)
    known = ledger(LedgerEntry("c1", BEGAN))
    assert "e1 runs on the campaign" in (known.refusal("c1", second, 5_000) or "")
    assert known.in_force(replace(CAMPAIGN, experiment=second)).experiment == BEGAN
    assert known.refusal("c1", second, 9_000) is None
    assert known.refusal("c2", second, 5_000) is None
    stopped = ledger(LedgerEntry("c1", replace(BEGAN, end_ms=5_500), finished=True))
    assert stopped.refusal("c1", second, 6_000) is None
    assert stopped.in_force(replace(CAMPAIGN, experiment=second)).experiment == second


def test_what_was_stopped_ended_when_it_was_stopped_whatever_the_campaign_goes_on_saying() -> None:
    ended = replace(BEGAN, end_ms=5_500)
    known = ledger(LedgerEntry("c1", ended, finished=True))
    assert known.in_force(CAMPAIGN).experiment == ended
    assert known.refusal("c1", BEGAN, 6_000) is None
    assert known.refusal("c1", replace(BEGAN, salt="other"), 6_000) is not None


def test_an_id_names_one_experiment_of_one_campaign() -> None:
    known = ledger(LedgerEntry("c1", BEGAN))
    assert "is of campaign c1" in (known.refusal("c2", BEGAN, 5_000) or "")
    assert known.knows(BEGAN)


def test_the_newest_of_a_campaign_is_in_force_and_a_null_takes_it_back() -> None:
    second = replace(BEGAN, id="e2", start_ms=9_500, end_ms=20_000)
    known = ledger(LedgerEntry("c1", second), LedgerEntry("c1", BEGAN))
    assert known.in_force(replace(CAMPAIGN, experiment=None)).experiment == second
    known.take("e2", None)
    assert known.in_force(replace(CAMPAIGN, experiment=None)).experiment == BEGAN
