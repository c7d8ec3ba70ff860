"""Flow matching towards clean maps: examples of a step, and how far the network is off (Lipman et al. 2023;
told as clean maps, weighed as velocities, Li and He 2025, "Back to Basics")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.training.backgrounds.scenes import example, slots_with_words

_UNTOLD: Final = 0.1
"""Share of examples that are told no condition, for guidance."""
_USES: Final = 4
"""Scenes are drawn slowly: each is learnt from twice, and twice as in a mirror, behind other noise."""
_LEAST_LEFT: Final = 0.15
"""Of the way: nearer to the picture, errors are weighed no higher."""
_EARLY: Final = -0.4
"""Mean of times before the logistic function: more of them are noisy."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Clean maps, what is told of them, noise and times."""

    maps: Tensor
    codes: Tensor
    words: Tensor
    noise: Tensor
    times: Tensor


def batch_of(seed: int, step: int, size: int) -> Batch:
    """Always the same for a step; all of one slot's shape, the slots in turn."""
    rng = np.random.default_rng([seed, step])
    slots = slots_with_words()
    made = [example(slots[step % len(slots)], rng) for _ in range(-(-size // _USES))]
    maps, codes, words = (
        _repeated(np.stack(each), size)
        for each in (
            [scene.maps.numbers() for scene in made],
            [scene.condition.code for scene in made],
            [scene.condition.words[None] for scene in made],
        )
    )
    told = rng.random(size) >= _UNTOLD
    codes, words = codes * told[:, None], words * told[:, None, None, None]
    noise = rng.standard_normal(maps.shape, np.float32)
    times = 1 / (1 + np.exp(-(_EARLY + rng.standard_normal(size))))
    return Batch(
        torch.from_numpy(maps),
        torch.from_numpy(codes.astype(np.float32)),
        torch.from_numpy(words.astype(np.float32)),
        torch.from_numpy(noise),
        torch.from_numpy(times.astype(np.float32)),
    )


def flow_loss(network: nn.Module, batch: Batch, half: bool) -> Tensor:
    """Mean squared error of velocities; `half`: computed in bfloat16."""
    share = batch.times[:, None, None, None]
    noisy = share * batch.maps + (1 - share) * batch.noise
    noisy = noisy.to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        told = network(noisy, batch.times, batch.codes, batch.words)
    off = (told.float() - batch.maps) / (1 - share).clamp(min=_LEAST_LEFT)
    return off.square().mean()


def _repeated(values: NDArray[Any], size: int) -> NDArray[Any]:
    """Each so often as it is used, every other as in a mirror."""
    told = np.repeat(values, _USES, axis=0)[:size]
    if told.ndim == 4:
        told[1::2] = told[1::2, :, :, ::-1].copy()
    return told
