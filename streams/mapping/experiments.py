"""Experiments as they travel."""

from __future__ import annotations

from typing import Final

from models.choice.experiment_ledger import ExperimentLedger, LedgerEntry
from streams import records as r
from streams.mapping.campaigns import experiment_of
from streams.topics import DAY_MS, EXPERIMENT, EXPOSURE
from streams.wire.codecs import encode, headers
from streams.wire.output import Output

RUNNING: Final = "running"
FINISHED: Final = "finished"
KEPT_DAYS: Final = (EXPOSURE.retention_ms or 0) / DAY_MS
"""How long exposures are there to measure an experiment by."""


def note_experiment(ledger: ExperimentLedger, key: str, record: r.Record | None) -> None:
    """Take what a follower of ads.experiment.v1 brings."""
    if isinstance(record, r.ExperimentRecord):
        entry = LedgerEntry(record.campaign_id, experiment_of(record.experiment), record.status == FINISHED)
        ledger.take(key, entry)
    else:
        ledger.take(key, None)


def outlives_exposures(experiment: r.Experiment) -> str:
    """What is wrong with one whose first exposures would be gone at its end; '' = nothing."""
    days = (experiment.end - experiment.start) / DAY_MS
    if days <= KEPT_DAYS:
        return ""
    return (
        f"of {days:g} days outlives its exposures: {EXPOSURE.name} keeps them {KEPT_DAYS:g} days, and users "
        "whose first are gone would be counted short"
    )


def experiment_output(record: r.ExperimentRecord, now_ms: int) -> Output:
    """The record under its key."""
    stamped = headers(EXPERIMENT.ce_type, f"experiment:{record.experiment_id}:{now_ms}", now_ms)
    return Output(EXPERIMENT.name, record.experiment_id.encode(), encode(record), 0, stamped)
