"""Preference training: DPO on pairs from a training log, weighted by inverse propensity; then RLOO or GRPO on rule rewards."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import torch
from torch import Tensor

from models.copywriter.brief import Brief
from models.training.batches import Encoded, pack
from models.training.formats import Format
from models.training.log import Shown
from models.training.loop import Outcome, Plan, Report, Training, silent
from models.training.losses import copy_log_probs, dpo_loss, group_relative, leave_one_out, policy_gradient_loss
from models.training.rewards import broken_rules, rule_reward
from models.training.sampled import sample
from models.training.supervised import example_of

MOST_WEIGHT: Final = 10.0
"""Largest weight of a pair, in multiples of the mean: one rare arm must not decide everything."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two copies for one prompt, the first liked better; `weight` corrects for how often the policy showed each."""

    chosen: Encoded
    rejected: Encoded
    weight: float


def _context(brief: Brief) -> tuple[str, ...]:
    """What two creatives must share to be compared: all that the prompt says but for the reader and the moment."""
    return (brief.campaign_id, brief.slot, brief.locale, brief.noun, brief.style, brief.tone, brief.goal)


def pairs_of(rows: Sequence[Shown], form: Format, per_click: int, seed: int) -> list[Pair]:
    """Pairs of a clicked and an unclicked creative of the same context, at most `per_click` for each click.

    The weight is 1 / (propensity * propensity), cut off at MOST_WEIGHT times the mean and brought to mean 1. Copy that breaks a rule is
    never the one liked better; copy that the model cannot say is left out.
    """
    rng = random.Random(seed)  # noqa: S311 - which pairs are looked at, not secrets
    groups: dict[tuple[str, ...], tuple[list[Shown], list[Shown]]] = defaultdict(lambda: ([], []))
    for row in rows:
        groups[_context(row.brief)][0 if row.clicked or row.converted else 1].append(row)
    found: list[Pair] = []
    for liked, passed in groups.values():
        for row in liked:
            if broken_rules(row.copy, row.brief).any:
                continue
            others = [other for other in passed if other.copy != row.copy]
            for other in rng.sample(others, min(per_click, len(others))):
                pair = _pair(row, other, form)
                found += [pair] if pair else []
    mean = sum(pair.weight for pair in found) / max(1, len(found))
    cut = [Pair(pair.chosen, pair.rejected, min(pair.weight, MOST_WEIGHT * mean)) for pair in found]
    mean = sum(pair.weight for pair in cut) / max(1, len(cut))
    return [Pair(pair.chosen, pair.rejected, pair.weight / mean) for pair in cut]


def _pair(liked: Shown, passed: Shown, form: Format) -> Pair | None:
    chosen, rejected = example_of(liked.brief, liked.copy, form), example_of(passed.brief, passed.copy, form)
    if chosen is None or rejected is None or chosen.fields == rejected.fields:
        return None
    encoded = form.encode(chosen)
    return Pair(encoded, Encoded(encoded.prompt, form.encode(rejected).copy), 1.0 / (liked.propensity * passed.propensity))


def rule_pairs(network: Any, form: Format, briefs: Sequence[Brief], samples: int, limit: int, seed: int) -> list[Pair]:
    """Pairs of the network's own samples for a brief, one that keeps all rules and one that breaks some; weight 1.

    Clicks come from reviewed copy alone and say nothing about what review refuses: without these a taste could drift past the rules.
    """
    found = []
    for number, brief in enumerate(briefs):
        prompt = form.prompt(brief)
        drawn = sample(network, prompt, samples, form.end, limit, seed * 1_000_003 + number)
        broken = [broken_rules(form.decode(ids, brief), brief).any for ids in drawn]
        kept = [ids for ids, wrong in zip(drawn, broken, strict=True) if not wrong]
        refused = [ids for ids, wrong in zip(drawn, broken, strict=True) if wrong]
        found += [
            Pair(Encoded(prompt, tuple(good)), Encoded(prompt, tuple(bad)), 1.0) for good, bad in zip(kept, refused, strict=False) if bad
        ]
    return found


def together(clicks: Sequence[Pair], rules: Sequence[Pair]) -> list[Pair]:
    """Both kinds of pairs, the rules weighing as much in all as the clicks: however long the log, what must be kept is not outvoted."""
    share = sum(pair.weight for pair in clicks) / max(1.0, sum(pair.weight for pair in rules))
    return [*clicks, *(Pair(pair.chosen, pair.rejected, pair.weight * share) for pair in rules)]


@torch.no_grad()
def _reference(network: Any, rows: Sequence[Encoded], pad: int, size: int = 32) -> Tensor:
    """log p of each copy under the network as it is before training (n,)."""
    network.eval()
    parts = [copy_log_probs(network, pack(rows[start : start + size], pad)) for start in range(0, len(rows), size)]
    network.train()
    return torch.cat(parts)


@dataclass(frozen=True, slots=True)
class Preference:
    """How DPO is done: pairs per step, strength of the pull to the reference, and the weight of the liked copy's own likelihood, which
    keeps it from becoming less likely along with the other (Pang et al. 2024).
    """

    batch: int = 16
    beta: float = 0.1
    likelihood: float = 0.1


def train_dpo(
    network: Any, form: Format, pairs: Sequence[Pair], plan: Plan, how: Preference, folder: Path | None = None, report: Report = silent
) -> Outcome:
    """Tunes `network` in place. The reference is the network as it comes in; its log-probabilities are computed once."""
    chosen, rejected = [pair.chosen for pair in pairs], [pair.rejected for pair in pairs]
    known = _reference(network, chosen, form.pad), _reference(network, rejected, form.pad)
    weights = torch.tensor([pair.weight for pair in pairs])

    def loss(step: int) -> Tensor:
        at = torch.randperm(len(pairs), generator=torch.Generator().manual_seed(plan.seed * 1_000_003 + step))[: how.batch].tolist()
        both = pack([*(chosen[index] for index in at), *(rejected[index] for index in at)], form.pad)
        liked, passed = copy_log_probs(network, both).chunk(2)
        preference = dpo_loss((liked, passed), (known[0][at], known[1][at]), weights[at], how.beta)
        lengths = torch.tensor([len(chosen[index].copy) for index in at])
        return preference - how.likelihood * (liked / lengths).mean()

    network.train()
    return Training(network, plan, folder).run(loss, report=report)


@dataclass(frozen=True, slots=True)
class OnRules:
    """How rules are trained on: briefs a step, samples of each, their longest length, and the weight of the KL to the start."""

    method: Literal["rloo", "grpo"] = "rloo"
    prompts: int = 4
    samples: int = 8
    limit: int = 64
    beta: float = 0.05


def train_on_rules(
    network: Any, form: Format, briefs: Sequence[Brief], plan: Plan, how: OnRules, folder: Path | None = None, report: Report = silent
) -> Outcome:
    """Tunes `network` in place on its own samples, rewarded for keeping the rules of length, facts and policy."""
    advantages_of = leave_one_out if how.method == "rloo" else group_relative
    start = {name: weight.detach().clone() for name, weight in network.named_parameters() if weight.requires_grad}

    @torch.no_grad()
    def reference(rows: Sequence[Encoded]) -> Tensor:
        now = {name: weight.detach().clone() for name, weight in network.named_parameters() if name in start}
        _put(network, start)
        logs = copy_log_probs(network, pack(rows, form.pad))
        _put(network, now)
        return logs

    def loss(step: int) -> Tensor:
        rows: list[Encoded] = []
        rewards: list[list[float]] = []
        for number in range(step * how.prompts, (step + 1) * how.prompts):
            brief = briefs[number % len(briefs)]
            prompt = form.prompt(brief)
            drawn = sample(network, prompt, how.samples, form.end, how.limit, plan.seed * 1_000_003 + number)
            rows += [Encoded(prompt, tuple(ids)) for ids in drawn]
            rewards.append([rule_reward(form.decode(ids, brief), brief) for ids in drawn])
        advantages = advantages_of(torch.tensor(rewards)).flatten()
        return policy_gradient_loss(copy_log_probs(network, pack(rows, form.pad)), reference(rows), advantages, how.beta)

    network.train()
    return Training(network, plan, folder).run(loss, report=report)


def _put(network: Any, weights: dict[str, Tensor]) -> None:
    for name, weight in network.named_parameters():
        if name in weights:
            weight.data.copy_(weights[name])
