from __future__ import annotations

import math

import pytest
import torch

from models.training.examples.batches import IGNORED, Encoded, epoch_groups, pack
from models.training.losses import dpo_loss, group_relative, leave_one_out, policy_gradient_loss


def test_a_batch_learns_the_copy_and_nothing_else() -> None:
    batch = pack([Encoded((1, 2, 3), (4, 5)), Encoded((6,), (7,))], pad=0)
    assert batch.ids.tolist() == [[1, 2, 3, 4], [6, 0, 0, 0]]
    assert batch.targets.tolist() == [[IGNORED, IGNORED, 4, 5], [7, IGNORED, IGNORED, IGNORED]]


def test_an_epoch_shows_every_example_once_and_the_next_in_another_order() -> None:
    import numpy as np

    lengths = np.arange(64) % 13
    first, second = (epoch_groups(lengths, None, 8, 1, epoch) for epoch in (0, 1))
    assert sorted(first.flatten().tolist()) == list(range(64))
    assert not np.array_equal(first, second)
    drawn = epoch_groups(lengths, np.where(np.arange(64) == 5, 1.0, 0.0), 8, 1, 0)
    assert set(drawn.flatten().tolist()) == {5}


def test_dpo_is_its_formula_and_weights_count() -> None:
    policy, reference = (
        (torch.tensor([-1.0, -3.0]), torch.tensor([-2.0, -2.0])),
        (torch.tensor([-2.0, -2.0]), torch.tensor([-2.0, -2.0])),
    )
    margins = [1.0, -1.0]
    each = [-math.log(1 / (1 + math.exp(-0.5 * margin))) for margin in margins]
    assert float(dpo_loss(policy, reference, torch.tensor([1.0, 1.0]), 0.5)) == pytest.approx(sum(each) / 2)
    assert float(dpo_loss(policy, reference, torch.tensor([3.0, 1.0]), 0.5)) == pytest.approx(
        (3 * each[0] + each[1]) / 4
    )


def test_advantages_are_relative_to_the_other_samples_of_a_prompt() -> None:
    rewards = torch.tensor([[1.0, 0.0, 0.5], [0.2, 0.2, 0.2]])
    assert leave_one_out(rewards).flatten().tolist() == pytest.approx(
        [0.75, -0.75, 0.0, 0.0, 0.0, 0.0], abs=1e-6
    )
    scores = group_relative(rewards)
    assert scores[0].mean().item() == pytest.approx(0, abs=1e-6)
    assert scores[0].std().item() == pytest.approx(1, abs=1e-4)
    assert scores[1].abs().max().item() < 1e-3


def test_the_policy_gradient_makes_rewarded_samples_likelier_and_the_kl_pulls_back() -> None:
    policy = torch.zeros(2, requires_grad=True)
    policy_gradient_loss(policy, torch.zeros(2), torch.tensor([1.0, -1.0]), 0.1).backward()
    assert policy.grad is not None
    assert policy.grad[0] < 0 < policy.grad[1]
    drifted = torch.tensor([1.0], requires_grad=True)
    policy_gradient_loss(drifted, torch.zeros(1), torch.zeros(1), 0.1).backward()
    assert drifted.grad is not None
    assert drifted.grad[0] > 0
