"""Training on rule rewards: RLOO or GRPO on the network's own samples, held to its start by a KL penalty."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from models.brief.brief import Brief
from models.preference.rewards import rule_reward
from models.preference.sampled import sample
from models.training.examples.batches import Encoded, pack
from models.training.examples.formats import TrainingFormat
from models.training.loop import OnTrainingReport, Training, TrainingOutcome, TrainingPlan, silent
from models.training.losses import copy_log_probs, group_relative, leave_one_out, policy_gradient_loss
from models.training.supervised import DataError
from models.training.tuned import longest_of


@dataclass(frozen=True, slots=True)
class OnRules:
    """How rules are trained on: briefs a step, samples of each, their longest length, and the weight of the
    KL to the start."""

    method: Literal["rloo", "grpo"] = "rloo"
    prompts: int = 4
    samples: int = 8
    limit: int = 64
    beta: float = 0.05


def briefs_with_room(network: Any, form: TrainingFormat, briefs: Sequence[Brief], limit: int) -> list[Brief]:
    """Briefs whose prompt leaves room for `limit` tokens of copy. Raises DataError when there are none."""
    longest = longest_of(network)
    found = [brief for brief in briefs if len(form.prompt(brief)) + limit <= longest]
    if not found:
        raise DataError(
            f"no brief leaves room for {limit} tokens of copy in the model's {longest}; choose a model of "
            "more positions"
        )
    return found


def train_on_rules(
    network: Any,
    form: TrainingFormat,
    briefs: Sequence[Brief],
    plan: TrainingPlan,
    how: OnRules,
    folder: Path | None = None,
    report: OnTrainingReport = silent,
) -> TrainingOutcome:
    """Tunes `network` in place on its own samples for `briefs`, rewarded for keeping the rules of length,
    facts and policy.

    The prompts leave room for `how.limit` tokens: see `with_room`.
    """
    advantages_of = leave_one_out if how.method == "rloo" else group_relative
    order = random.Random(plan.seed).sample(briefs, len(briefs))  # noqa: S311 - which briefs come first, not secrets
    start = {
        name: weight.detach().clone() for name, weight in network.named_parameters() if weight.requires_grad
    }

    @torch.no_grad()
    def reference(rows: Sequence[Encoded]) -> Tensor:
        now = {name: weight.detach().clone() for name, weight in network.named_parameters() if name in start}
        _put(network, start)
        logs = copy_log_probs(network, pack(rows, form.pad))
        _put(network, now)
        return logs

    def loss(step: int) -> Tensor:
        chosen = [
            order[number % len(order)] for number in range(step * how.prompts, (step + 1) * how.prompts)
        ]
        prompts = [form.prompt(brief) for brief in chosen]
        drawn = sample(network, prompts, how.samples, form.end, how.limit, plan.seed * 1_000_003 + step)
        rows = [
            Encoded(prompt, tuple(ids))
            for prompt, written in zip(prompts, drawn, strict=True)
            for ids in written
        ]
        rewards = [
            [rule_reward(form.decode(ids, brief), brief) for ids in written]
            for brief, written in zip(chosen, drawn, strict=True)
        ]
        advantages = advantages_of(torch.tensor(rewards)).flatten()
        return policy_gradient_loss(
            copy_log_probs(network, pack(rows, form.pad)), reference(rows), advantages, how.beta
        )

    network.train()
    return Training(network, plan, folder).run(loss, report=report)


def _put(network: Any, weights: dict[str, Tensor]) -> None:
    for name, weight in network.named_parameters():
        if name in weights:
            weight.data.copy_(weights[name])
