"""What a training log teaches: first what readers click on (DPO), then to say that without breaking rules
(RLOO on own samples).

Clicks come from reviewed copy alone and say nothing about what review refuses: a taste for longer copy drifts
past the limits. Rules as pairs beside the clicks hold the drift by outvoting the taste; rewarded afterwards,
with a KL penalty to the model of the clicks, they leave the taste as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from models.preference.dpo import DpoSettings, click_pairs_of, train_dpo
from models.preference.log import LoggedCopy
from models.preference.on_rules import OnRules, briefs_with_room, train_on_rules
from models.training.examples.formats import TrainingFormat
from models.training.loop import OnTrainingReport, TrainingPlan, silent
from models.training.supervised import DataError
from models.training.tuned import longest_of

PAIRS_PER_CLICK: Final = 4
RULES_RATE: Final = 1.5
"""Learning rate of the second stage in those of the first: advantages of few samples say less per step than
pairs do."""
RULES: Final = "rules"
"""Folder in the output that holds the checkpoint of the second stage."""


@dataclass(frozen=True, slots=True)
class FromLog:
    """Steps and rate of the first stage, steps of the second (0 = none), pairs per step."""

    clicks: TrainingPlan
    rule_steps: int
    batch: int


def learn_from_log(
    network: Any,
    form: TrainingFormat,
    rows: Sequence[LoggedCopy],
    how: FromLog,
    folder: Path | None = None,
    report: OnTrainingReport = silent,
) -> dict[str, Any]:
    """Tunes `network` in place and returns its figures; a run that was killed goes on from the checkpoints in
    `folder`.

    Raises DataError when the log holds nothing to compare or nothing that fits the model, ResumeError for
    checkpoints of another run.
    """
    pairs = click_pairs_of(rows, form, PAIRS_PER_CLICK, how.clicks.seed)
    if not pairs:
        raise DataError(
            f"the log's {len(rows)} shown creatives hold no pair of a clicked and an unclicked one for the "
            "same campaign, slot and item"
        )
    longest = longest_of(network)
    fitting = [pair for pair in pairs if pair.length <= longest]
    if not fitting:
        raise DataError(
            f"every pair of the log is longer than the model's {longest} tokens; choose a model of more "
            "positions"
        )
    rules = OnRules()
    briefs = (
        briefs_with_room(network, form, [row.brief for row in rows], rules.limit) if how.rule_steps else []
    )
    clicks = train_dpo(network, form.pad, fitting, how.clicks, DpoSettings(batch=how.batch), folder, report)
    figures = {
        "shown": len(rows), "pairs": len(fitting), "too_long": len(pairs) - len(fitting),
        "steps": clicks.steps,
        "loss": round(clicks.loss, 4),
    }  # fmt: skip
    if not how.rule_steps:
        return figures
    further = folder / RULES if folder else None
    after = replace(how.clicks, steps=how.rule_steps, learning_rate=RULES_RATE * how.clicks.learning_rate)
    kept = train_on_rules(
        network, form, briefs, after, rules, further, lambda step, loss: report(clicks.steps + step, loss)
    )
    return {**figures, "rule_steps": kept.steps, "rule_loss": round(kept.loss, 4)}
