"""One training loop for everything: steps, schedule, held-out loss, early stopping, and a checkpoint that a
killed run goes on from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import torch
from torch import Tensor, nn

UNFINISHED: Final = "checkpoint.pt"
"""In the folder of a run: where it goes on from; the run's owner removes it when everything is written."""
Loss = Callable[[int], Tensor]
"""Loss of a step, with gradients."""
OnTrainingReport = Callable[[int, float], None]
"""Hears the steps done and the mean loss of the last ones."""


def silent(step: int, loss: float) -> None:
    """Reports nothing."""


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How long and how. `patience`: evaluations without a better held-out loss before it stops (0 =
    never)."""

    steps: int
    learning_rate: float
    seed: int = 1
    weight_decay: float = 0.01
    warm_up: float = 0.04
    last_share: float = 0.02
    clip: float = 1.0
    evaluate_every: int = 0
    patience: int = 0
    checkpoint_every: int = 200
    matrices_rate: float = 0.0
    """Learning rate of Muon for the layers' matrices; 0 = AdamW for everything."""
    average: float = 0.0
    """Share that a running mean of the weights keeps at each step; it is what is judged and kept. 0 = the
    weights themselves are."""
    what: str = ""
    """What is learnt from what: a run goes on only from a checkpoint that says the same."""


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """What a run came to: steps done, mean loss of the last hundred, held-out loss of the weights kept (nan =
    not measured)."""

    steps: int
    loss: float
    held_out: float
    stopped_early: bool


def optimizers_of(network: nn.Module, plan: TrainingPlan) -> list[torch.optim.Optimizer]:
    """AdamW with weight decay on matrices; Muon (Jordan et al. 2024) for matrices of the layers when the plan
    names a rate for it."""
    trained = [(name, weight) for name, weight in network.named_parameters() if weight.requires_grad]
    muon = [
        weight for name, weight in trained if plan.matrices_rate and weight.ndim == 2 and ".layers." in name
    ]
    taken = {id(weight) for weight in muon}
    rest = [weight for _, weight in trained if id(weight) not in taken]
    groups = [
        {"params": [weight for weight in rest if weight.ndim >= 2], "weight_decay": plan.weight_decay},
        {"params": [weight for weight in rest if weight.ndim < 2], "weight_decay": 0.0},
    ]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(
            [group for group in groups if group["params"]], lr=plan.learning_rate, betas=(0.9, 0.95)
        )
    ]
    if muon:
        optimizers.append(
            torch.optim.Muon(
                muon,
                lr=plan.matrices_rate,
                weight_decay=plan.weight_decay,
                momentum=0.95,
                adjust_lr_fn="original",
            )
        )
    return optimizers


def rate_share(step: int, plan: TrainingPlan) -> float:
    """Share of the learning rate at a step: a linear warm-up, then a cosine down to `last_share`."""
    warm = max(1, round(plan.steps * plan.warm_up))
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, step / plan.steps)))
    return min(1.0, (step + 1) / warm) * (plan.last_share + (1 - plan.last_share) * cosine)


class Training:
    """A run under way. Everything that decides a step is in the weights, the optimisers and the step's
    number."""

    def __init__(self, network: nn.Module, plan: TrainingPlan, folder: Path | None = None) -> None:
        """`folder` keeps the checkpoint (None = none is written); a checkpoint of the same plan in it is gone
        on from."""
        self.network, self.plan = network, plan
        self.optimizers = optimizers_of(network, plan)
        self.path = folder / UNFINISHED if folder else None
        self.step, self.losses, self.worse = 0, [0.0][:0], 0
        self.best, self.kept = math.inf, dict[str, Tensor]()
        self.mean = self._weights() if plan.average else dict[str, Tensor]()
        if self.path and self.path.exists():
            self._resume(self.path)

    def run(
        self, loss: Loss, held_out: Callable[[], float] | None = None, report: OnTrainingReport = silent
    ) -> TrainingOutcome:
        """Steps until the plan is done or the held-out loss no longer falls; keeps the best weights when that
        is measured."""
        while self.step < self.plan.steps and not self._stopped:
            self._one(loss)
            report(self.step, self.recent)
            last = self.step == self.plan.steps
            if held_out and (
                last or (self.plan.evaluate_every and self.step % self.plan.evaluate_every == 0)
            ):
                with self._averaged():
                    self._judge(held_out())
            if self.path and (last or self.step % self.plan.checkpoint_every == 0):
                self.save()
        self._load(self.kept or self.mean)
        return TrainingOutcome(self.step, self.recent, self.best if self.kept else math.nan, self._stopped)

    @property
    def recent(self) -> float:
        """Mean loss of the last steps."""
        return sum(self.losses) / max(1, len(self.losses))

    @property
    def _stopped(self) -> bool:
        return bool(self.plan.patience) and self.worse >= self.plan.patience

    def _one(self, loss_of: Loss) -> None:
        torch.manual_seed(
            self.plan.seed * 1_000_003 + self.step
        )  # dropout of a resumed run is that of an unbroken one
        share = rate_share(self.step, self.plan)
        rates = (self.plan.learning_rate, self.plan.matrices_rate)
        loss = loss_of(self.step)
        loss.backward()
        nn.utils.clip_grad_norm_(
            [weight for weight in self.network.parameters() if weight.requires_grad], self.plan.clip
        )
        for optimizer, rate in zip(self.optimizers, rates, strict=False):
            for group in optimizer.param_groups:
                group["lr"] = rate * share
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step += 1
        if self.mean:
            self._follow()
        self.losses = [*self.losses[-99:], loss.item()]

    def _judge(self, held_out: float) -> None:
        if held_out < self.best:
            self.best, self.worse, self.kept = held_out, 0, self._weights()
        else:
            self.worse += 1

    @torch.no_grad()
    def _follow(self) -> None:
        """Early means forget faster: the weights they began with are no good."""
        kept = min(self.plan.average, self.step / (self.step + 10))
        for name, weight in self.network.named_parameters():
            if name in self.mean:
                self.mean[name].lerp_(weight, 1 - kept)

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """The network with the mean of its weights, where one is kept."""
        own = self._weights() if self.mean else dict[str, Tensor]()
        self._load(self.mean)
        yield
        self._load(own)

    def _weights(self) -> dict[str, Tensor]:
        return {
            name: weight.detach().clone()
            for name, weight in self.network.named_parameters()
            if weight.requires_grad
        }

    def _load(self, weights: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, weight in self.network.named_parameters():
                if name in weights:
                    weight.copy_(weights[name])

    def save(self) -> None:
        """Writes the checkpoint whole or not at all."""
        if self.path is None:
            return
        state = {
            "plan": repr(self.plan), "step": self.step, "losses": self.losses, "worse": self.worse,
            "best": self.best, "kept": self.kept, "mean": self.mean,
            "weights": self._weights(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }  # fmt: skip
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        torch.save(state, fresh)
        fresh.replace(self.path)

    def _resume(self, path: Path) -> None:
        try:
            state: dict[str, Any] = torch.load(path, weights_only=True)
        except (RuntimeError, EOFError, UnpicklingError) as error:
            raise ResumeError(f"{path}: no checkpoint that can be read; remove it to begin anew") from error
        if state["plan"] != repr(self.plan):
            raise ResumeError(
                f"{path}: belongs to a run with another plan ({state['plan']}); give the same options and "
                "data, or remove it to begin anew"
            )
        if _shapes(state["weights"]) != _shapes(self._weights()):
            raise ResumeError(
                f"{path}: belongs to a run that tunes other weights; give the same model and options, or "
                "remove it to begin anew"
            )
        self.step, self.losses, self.worse = state["step"], state["losses"], state["worse"]
        self.best, self.kept, self.mean = state["best"], state["kept"], state["mean"]
        self._load(state["weights"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)


def _shapes(weights: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: weight.shape for name, weight in weights.items()}


class ResumeError(ValueError):
    """A checkpoint that does not belong to this run."""


@torch.no_grad()
def mean_loss(network: nn.Module, losses: Sequence[Callable[[], Tensor]]) -> float:
    """Mean of some losses without gradients and without dropout."""
    was = network.training
    network.eval()
    value = sum(loss().item() for loss in losses) / len(losses)
    network.train(was)
    return value
