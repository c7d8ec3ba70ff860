from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from models.training.loop import ResumeError, Training, TrainingPlan, rate_share


class KilledError(Exception):
    pass


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1))


def run(folder: Path | None, plan: TrainingPlan, stop_at: int | None = None) -> list[torch.Tensor]:
    """Weights after a run of which, with `stop_at`, the process dies before that step."""
    model = network()
    inputs = torch.randn(64, 4, generator=torch.Generator().manual_seed(3))

    def loss(step: int) -> torch.Tensor:
        if step == stop_at:
            raise KilledError
        batch = inputs[step % 8 * 8 : step % 8 * 8 + 8]
        return nn.functional.mse_loss(model(batch), batch.sum(1, keepdim=True))

    Training(model, plan, folder).run(loss)
    return [weight.detach().clone() for weight in model.parameters()]


@pytest.mark.parametrize("stop_at", [1, 7, 19])
def test_a_killed_run_goes_on_to_the_same_weights(tmp_path: Path, stop_at: int) -> None:
    plan = TrainingPlan(20, 1e-2, checkpoint_every=3)
    whole = run(None, plan)
    with pytest.raises(KilledError):
        run(tmp_path, plan, stop_at)
    resumed = run(tmp_path, plan)
    assert all(torch.equal(left, right) for left, right in zip(whole, resumed, strict=True))


def test_a_checkpoint_of_another_plan_is_refused_by_name(tmp_path: Path) -> None:
    run(tmp_path, TrainingPlan(4, 1e-2))
    with pytest.raises(ResumeError, match="another plan"):
        run(tmp_path, TrainingPlan(5, 1e-2))


def test_a_checkpoint_of_other_weights_or_a_damaged_one_is_refused_by_name(tmp_path: Path) -> None:
    run(tmp_path, TrainingPlan(4, 1e-2))
    with pytest.raises(ResumeError, match="tunes other weights"):
        Training(nn.Linear(3, 1), TrainingPlan(4, 1e-2), tmp_path)
    (tmp_path / "checkpoint.pt").write_bytes((tmp_path / "checkpoint.pt").read_bytes()[:200])
    with pytest.raises(ResumeError, match="remove it to begin anew"):
        run(tmp_path, TrainingPlan(4, 1e-2))


def test_training_stops_early_and_keeps_the_best_weights() -> None:
    model, seen = network(), []
    held_out = iter([3.0, 1.0, 2.0, 2.5, 9.0])

    def judge() -> float:
        seen.append([weight.detach().clone() for weight in model.parameters()])
        return next(held_out)

    outcome = Training(model, TrainingPlan(50, 1e-1, evaluate_every=2, patience=2)).run(
        lambda step: model(torch.ones(2, 4)).pow(2).mean(), judge
    )
    assert (outcome.steps, outcome.held_out, outcome.stopped_early) == (8, 1.0, True)
    assert all(torch.equal(left, right) for left, right in zip(seen[1], model.parameters(), strict=True))


def test_the_rate_warms_up_and_comes_down() -> None:
    plan = TrainingPlan(100, 1.0, warm_up=0.1)
    shares = [rate_share(step, plan) for step in range(101)]
    assert shares[0] < 0.11
    assert max(shares) == max(shares[8:12]) > 0.95
    assert shares[100] == pytest.approx(0.02)


def test_decay_is_for_matrices_alone() -> None:
    groups = Training(network(), TrainingPlan(1, 1.0, weight_decay=0.3)).optimizers[0].param_groups
    assert {(group["weight_decay"], weight.ndim) for group in groups for weight in group["params"]} == {
        (0.3, 2),
        (0.0, 1),
    }


def test_the_mean_of_the_weights_is_judged_kept_and_survives_a_kill(tmp_path: Path) -> None:
    plan = TrainingPlan(8, 1e-1, average=0.5, evaluate_every=8, checkpoint_every=4)
    judged: list[float] = []

    def run(model: nn.Module, folder: Path | None, most: int = 8) -> list[float]:
        passed: list[float] = []

        def loss(step: int) -> torch.Tensor:
            if step == most:
                raise InterruptedError
            passed.append(next(model.parameters()).flatten()[0].item())
            return model(torch.ones(2, 4)).pow(2).mean()

        def judge() -> float:
            judged.append(next(model.parameters()).flatten()[0].item())
            return 1.0

        Training(model, plan, folder).run(loss, judge)
        return passed

    whole = network()
    passed = run(whole, None)
    kept = next(whole.parameters()).flatten()[0].item()
    assert judged == [kept] and min(passed) < kept < max(passed) and kept != passed[-1]
    with pytest.raises(InterruptedError):
        run(network(), tmp_path, most=6)
    resumed = network()
    run(resumed, tmp_path)
    assert torch.equal(next(whole.parameters()), next(resumed.parameters()))
