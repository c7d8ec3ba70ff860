"""Preference training: DPO on pairs from a training log, weighted by inverse propensity."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from models.brief.brief import Brief
from models.preference.log import LoggedCopy
from models.preference.rewards import broken_rules
from models.training.examples.batches import Encoded, pack
from models.training.examples.formats import TrainingFormat
from models.training.loop import OnTrainingReport, Training, TrainingOutcome, TrainingPlan, silent
from models.training.losses import copy_log_probs, dpo_loss
from models.training.supervised import example_of

MOST_WEIGHT: Final = 10.0
"""Largest weight of a pair, in multiples of the mean: one rare arm must not decide everything."""


@dataclass(frozen=True, slots=True)
class PreferencePair:
    """Two copies for one prompt, the first liked better; `weight` corrects for how often the policy showed
    it."""

    chosen: Encoded
    rejected: Encoded
    weight: float

    @property
    def length(self) -> int:
        """Tokens of the longer row."""
        return max(self.chosen.length, self.rejected.length)


def _context(brief: Brief) -> tuple[str, ...]:
    """What two creatives must share to be compared: all that the prompt says but for the reader and the
    moment."""
    return (brief.campaign_id, brief.slot, brief.locale, brief.noun, brief.style, brief.tone, brief.goal)


def click_pairs_of(
    rows: Sequence[LoggedCopy], form: TrainingFormat, per_click: int, seed: int
) -> list[PreferencePair]:
    """Pairs of a clicked and an unclicked creative of the same context, at most `per_click` for each click.

    The weight is 1 / propensity of the click, cut off at MOST_WEIGHT times the mean and brought to mean 1: so
    often would the click have come under even chances. What it is compared with is drawn evenly from the same
    context and needs no weight. Copy that breaks a rule is never the one liked better; copy that the model
    cannot say is left out.
    """
    rng = random.Random(seed)  # noqa: S311 - which pairs are looked at, not secrets
    groups: dict[tuple[str, ...], tuple[list[LoggedCopy], list[LoggedCopy]]] = defaultdict(lambda: ([], []))
    for row in rows:
        groups[_context(row.brief)][0 if row.clicked or row.converted else 1].append(row)
    found: list[PreferencePair] = []
    for liked, passed in groups.values():
        for row in liked:
            if broken_rules(row.copy, row.brief).any:
                continue
            others = [other for other in passed if other.copy != row.copy]
            for other in rng.sample(others, min(per_click, len(others))):
                pair = _pair(row, other, form)
                found += [pair] if pair else []
    mean = sum(pair.weight for pair in found) / max(1, len(found))
    cut = [PreferencePair(pair.chosen, pair.rejected, min(pair.weight, MOST_WEIGHT * mean)) for pair in found]
    mean = sum(pair.weight for pair in cut) / max(1, len(cut))
    return [PreferencePair(pair.chosen, pair.rejected, pair.weight / mean) for pair in cut]


def _pair(liked: LoggedCopy, passed: LoggedCopy, form: TrainingFormat) -> PreferencePair | None:
    chosen, rejected = example_of(liked.brief, liked.copy, form), example_of(passed.brief, passed.copy, form)
    if chosen is None or rejected is None or chosen.fields == rejected.fields:
        return None
    encoded = form.encode(chosen)
    return PreferencePair(
        encoded, Encoded(encoded.prompt, form.encode(rejected).copy), 1.0 / liked.propensity
    )


@torch.no_grad()
def _reference(network: Any, rows: Sequence[Encoded], pad: int, size: int = 32) -> Tensor:
    """log p of each copy under the network as it is before training (n,)."""
    network.eval()
    parts = [
        copy_log_probs(network, pack(rows[start : start + size], pad)) for start in range(0, len(rows), size)
    ]
    network.train()
    return torch.cat(parts)


@dataclass(frozen=True, slots=True)
class DpoSettings:
    """How DPO is done: pairs per step, strength of the pull to the reference, and the weight of the liked
    copy's own likelihood, which keeps it from becoming less likely along with the other (Pang et al. 2024).
    """

    batch: int = 16
    beta: float = 0.1
    likelihood: float = 1.0


def train_dpo(
    network: Any,
    pad: int,
    pairs: Sequence[PreferencePair],
    plan: TrainingPlan,
    how: DpoSettings,
    folder: Path | None = None,
    report: OnTrainingReport = silent,
) -> TrainingOutcome:
    """Tunes `network`, whose id of padding is `pad`, in place. The reference is the network as it comes in;
    its log-probabilities are computed once."""
    chosen, rejected = [pair.chosen for pair in pairs], [pair.rejected for pair in pairs]
    known = _reference(network, chosen, pad), _reference(network, rejected, pad)
    weights = torch.tensor([pair.weight for pair in pairs])

    def loss(step: int) -> Tensor:
        at = torch.randperm(
            len(pairs), generator=torch.Generator().manual_seed(plan.seed * 1_000_003 + step)
        )[: how.batch].tolist()
        both = pack([*(chosen[index] for index in at), *(rejected[index] for index in at)], pad)
        liked, passed = copy_log_probs(network, both).chunk(2)
        preference = dpo_loss((liked, passed), (known[0][at], known[1][at]), weights[at], how.beta)
        lengths = torch.tensor([len(chosen[index].copy) for index in at])
        return preference - how.likelihood * (liked / lengths).mean()

    network.train()
    return Training(network, plan, folder).run(loss, report=report)
