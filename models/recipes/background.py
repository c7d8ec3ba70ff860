"""The recipe of the background model: scenes drawn by rules, learnt as a flow from noise."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import torch
from torch import Tensor

from models.background.conditions import MOODS
from models.background.folder import GRAPH, BackgroundManifest
from models.export.verify import ParityError
from models.file_sum import sha256_of
from models.model_folder.manifest import MANIFEST
from models.training.backgrounds.exporting import write_graph
from models.training.backgrounds.learning import Batch, batch_of, flow_loss
from models.training.backgrounds.network import MapNetwork, NetworkSize
from models.training.loop import UNFINISHED, OnTrainingReport, Training, TrainingPlan, mean_loss, silent

_HELD_OUT: Final = 10**9
"""Steps from here on are never trained on."""
_WATCHED: Final = 5
_CARD: Final = "README.md"
_MOST_OFF: Final = 0.05
"""Of the graph, in deviations of what the network tells: float16 weights."""


@dataclass(frozen=True, slots=True)
class BackgroundRecipe:
    """`batch`: scenes per step; `half`: computed in bfloat16; `walk_steps` and `guidance`: as the model is to
    be run."""

    steps: int = 8_000
    batch: int = 16
    learning_rate: float = 1.5e-3
    seed: int = 1
    half: bool = False
    average: float = 0.995
    walk_steps: int = 8
    guidance: float = 1.5
    size: NetworkSize = field(default_factory=NetworkSize)


def train_background(
    out: Path, name: str, version: str, wish: BackgroundRecipe, report: OnTrainingReport = silent,
    evaluated: OnTrainingReport = silent,
) -> BackgroundManifest:  # fmt: skip
    """Writes the model folder `out`. A run that was killed goes on from it. Raises ResumeError,
    ParityError."""
    torch.manual_seed(wish.seed)
    network = MapNetwork(wish.size)
    network.to(memory_format=torch.channels_last)
    plan = TrainingPlan(
        wish.steps, wish.learning_rate, wish.seed, evaluate_every=max(1, wish.steps // 15),
        checkpoint_every=max(1, min(50, wish.steps // 4)),
        average=wish.average,
        what=f"backgrounds {wish}",
    )  # fmt: skip
    training = Training(network, plan, out)
    began_s, begun_at = time.process_time(), training.step
    watched = [batch_of(wish.seed, _HELD_OUT + n, wish.batch) for n in range(_WATCHED)]

    def loss(step: int) -> Tensor:
        return flow_loss(network, batch_of(wish.seed, step, wish.batch), wish.half)

    def held_out() -> float:
        value = mean_loss(network, [_loss_of(network, each, wish.half) for each in watched])
        evaluated(training.step, value)
        return value

    outcome = training.run(loss, held_out, report)
    taken_s = (time.process_time() - began_s) / max(1, outcome.steps - begun_at)
    learnt = {
        "loss": round(outcome.loss, 4),
        "held_out_loss": round(outcome.held_out, 4),
        "cpu_ms_per_step": round(taken_s * 1000),
    }
    manifest = _write(network, out, name, version, asdict(wish) | learnt)
    (out / UNFINISHED).unlink(missing_ok=True)
    return manifest


def _loss_of(network: MapNetwork, batch: Batch, half: bool) -> Callable[[], Tensor]:
    return lambda: flow_loss(network, batch, half=half)


def _write(
    network: MapNetwork, out: Path, name: str, version: str, recipe: dict[str, Any]
) -> BackgroundManifest:
    """Graph and card, the manifest last."""
    off = write_graph(network, out / GRAPH)
    if not off <= _MOST_OFF:  # whatever is compared with NaN is false
        raise ParityError(
            f"{out / GRAPH} is {off:.1e} deviations off the network, at most {_MOST_OFF}: train with more "
            "--steps or another --seed, into another --out"
        )
    manifest = BackgroundManifest(
        name, version, "Apache-2.0", MOODS, recipe["walk_steps"], recipe["guidance"], recipe, off,
        sha256_of(out / GRAPH),
    )  # fmt: skip
    (out / _CARD).write_text(_card(manifest), encoding="utf-8")
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    (out / MANIFEST).write_bytes(text + b"\n")
    return manifest


def _card(manifest: BackgroundManifest) -> str:
    told = manifest.recipe
    return f"""# {manifest.name} {manifest.version}

Backgrounds of ads: {", ".join(manifest.moods)}. A flow-matching model that tells, behind noise, how much of
two of a brand's colours and how much light is where, calm where words will stand.

- **Learnt from** scenes that rules draw with random light (`models/training/backgrounds/`): no photographs,
  no pictures of others. It makes nothing that these rules could not, in {manifest.steps} steps.
- **Not for** showing things, people or places: there are none in what it learnt from.
- **Training** {told["steps"]} steps of {told["batch"]} scenes, {told["cpu_ms_per_step"]} CPU milliseconds
  each; loss {told["loss"]}, on scenes never trained on {told["held_out_loss"]} (mean weights).
- **Graph** float16 weights, float32 arithmetic; {manifest.parity:.1e} deviations off the network.
- **Licence** {manifest.licence}
"""
