"""Campaigns as they come: what in one is probably a mistake is told in one line; a new experiment is entered
in the ledger, one that would change what runs is refused."""

from __future__ import annotations

from typing import Any, Final

from models.choice.experiment_ledger import ExperimentLedger
from models.mistakes.known import KnownItems
from streams import records as r
from streams.mapping.campaign_mistakes import mistakes_of
from streams.mapping.campaigns import experiment_of
from streams.mapping.experiments import RUNNING, experiment_output, note_experiment
from streams.wire.output import Output
from streams.wire.refusals import Reason, Reject

_STAGE: Final = "validate"
_TOLD: Final = 3
"""Mistakes of one record that are told; the rest is counted."""


def warning_of(value: Any, known: KnownItems | None, at_ms: int, http_assets: bool = False) -> str:
    """What is probably a mistake in a campaign (JSON) that can be read, as of its append time; '' = none."""
    found = mistakes_of(value, known, at_ms, http_assets)
    rest = len(found) - _TOLD
    more = f", and {rest} more: `shiftcast check` lists all" if rest > 0 else ""
    return ". ".join(map(str, found[:_TOLD])) + more


def judge_experiment(
    ledger: ExperimentLedger, index: int, record: r.Campaign, at_ms: int
) -> tuple[list[Output], list[Reject]]:
    """Of the campaign at `index` of a batch, as of its append time: the ledger's new record, or the refusal.

    What is refused is the experiment alone: the workers take the rest of the campaign and go on with the one
    that runs.
    """
    if record.experiment is None:
        return [], []
    stated = experiment_of(record.experiment)
    why = ledger.refusal(record.campaign_id, stated, at_ms)
    if why is not None:
        said = f"{why}; the rest of the campaign is taken"
        return [], [Reject(index, Reason.EXPERIMENT_CHANGED, _STAGE, said)]
    if ledger.knows(stated):
        return [], []
    began = r.ExperimentRecord(stated.id, record.campaign_id, record.experiment, RUNNING)
    note_experiment(ledger, stated.id, began)
    return [experiment_output(began, at_ms)], []
