"""What training lowers: likelihood of the copy, and preferences between copies. Pure functions of logits and
log-probabilities."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from models.training.examples.batches import IGNORED, TrainingBatch


def copy_logits(network: Any, batch: TrainingBatch) -> tuple[Tensor, Tensor]:
    """Logits (B, T, V) and targets (B, T) from the first position on that any row learns."""
    first = int((batch.targets != IGNORED).any(0).int().argmax())
    return network(
        input_ids=batch.ids, logits_to_keep=batch.ids.shape[1] - first, use_cache=False
    ).logits, batch.targets[:, first:]


def likelihood_loss(network: Any, batch: TrainingBatch) -> Tensor:
    """Mean negative log-likelihood per token of the copy."""
    logits, targets = copy_logits(network, batch)
    return functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


def copy_log_probs(network: Any, batch: TrainingBatch) -> Tensor:
    """log p(copy | prompt) of each row (B,)."""
    logits, targets = copy_logits(network, batch)
    logs = logits.float().log_softmax(-1).gather(-1, targets.clamp_min(0).unsqueeze(-1)).squeeze(-1)
    return (logs * (targets != IGNORED)).sum(-1)


def dpo_loss(
    policy: tuple[Tensor, Tensor], reference: tuple[Tensor, Tensor], weights: Tensor, beta: float
) -> Tensor:
    """Weighted direct preference loss (Rafailov et al. 2023, eq. 7); each pair is (chosen, rejected)
    log-probabilities (B,)."""
    margin = (policy[0] - reference[0]) - (policy[1] - reference[1])
    return -(weights * functional.logsigmoid(beta * margin)).sum() / weights.sum()


def leave_one_out(rewards: Tensor) -> Tensor:
    """RLOO advantages of (B, K) rewards: each less the mean of the others of its prompt (Ahmadian et al.
    2024)."""
    count = rewards.shape[1]
    return rewards - (rewards.sum(1, keepdim=True) - rewards) / (count - 1)


def group_relative(rewards: Tensor, eps: float = 1e-6) -> Tensor:
    """GRPO advantages of (B, K) rewards: standard scores within each prompt (Shao et al. 2024)."""
    return (rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + eps)


def policy_gradient_loss(policy: Tensor, reference: Tensor, advantages: Tensor, beta: float) -> Tensor:
    """REINFORCE on sequence log-probabilities (N,) with a KL penalty to the reference (k3 estimator, Schulman
    2020), beta its weight."""
    ratio = reference - policy
    kl = torch.exp(ratio.clamp(max=10.0)) - ratio - 1
    return (-(advantages.detach() * policy) + beta * kl).mean()
