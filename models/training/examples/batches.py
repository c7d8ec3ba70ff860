"""Rows of token ids as batches: which examples a step sees depends on the seed and the step alone, so that a
resumed run sees the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

IGNORED = -100
"""Target of a position that does not count."""
_JITTER = 8
"""Rows of one batch differ by about so many tokens: little padding, and not the same neighbours in every
epoch."""


class Encoded(NamedTuple):
    """One example: the ids of its prompt and of its copy, which alone is learnt."""

    prompt: tuple[int, ...]
    copy: tuple[int, ...]

    @property
    def length(self) -> int:
        return len(self.prompt) + len(self.copy)


class TrainingBatch(NamedTuple):
    """`ids` (B, S) right-padded; `targets` (B, S) the id that follows each position, IGNORED where nothing is
    learnt."""

    ids: Tensor
    targets: Tensor


def pack(rows: Sequence[Encoded], pad: int) -> TrainingBatch:
    """Rows as one right-padded batch. Padding comes after all that is learnt, so causal attention needs no
    mask."""
    length = max(row.length for row in rows) - 1
    ids, targets = (
        np.full((len(rows), length), pad, np.int64),
        np.full((len(rows), length), IGNORED, np.int64),
    )
    for index, row in enumerate(rows):
        whole = [*row.prompt, *row.copy]
        ids[index, : len(whole) - 1] = whole[:-1]
        targets[index, len(row.prompt) - 1 : len(whole) - 1] = row.copy
    return TrainingBatch(torch.from_numpy(ids), torch.from_numpy(targets))


def epoch_groups(
    lengths: NDArray[np.int64], weights: NDArray[np.float64] | None, size: int, seed: int, epoch: int
) -> NDArray[np.int64]:
    """Indices of one epoch's batches (batches, size), rows of like length together; drawn by `weights` when
    there are some."""
    rng = np.random.default_rng([seed, epoch])
    count = len(lengths)
    rows = np.arange(count) if weights is None else rng.choice(count, count, p=weights / weights.sum())
    if count < size:
        rows = np.resize(rows, size)
    order = rows[np.argsort(lengths[rows] + rng.random(len(rows)) * _JITTER, kind="stable")]
    groups = order[: len(order) // size * size].reshape(-1, size)
    return rng.permutation(groups)


def feed_of(
    data: Sequence[Encoded], size: int, seed: int, pad: int, weights: NDArray[np.float64] | None = None
) -> Callable[[int], TrainingBatch]:
    """The batch of each step, over and over the data in another order."""
    lengths = np.array([row.length for row in data], np.int64)
    known: dict[int, NDArray[np.int64]] = {}

    def feed(step: int) -> TrainingBatch:
        epoch, at = divmod(step, max(1, len(data) // size))
        if epoch not in known:
            known.clear()
            known[epoch] = epoch_groups(lengths, weights, size, seed, epoch)
        return pack([data[index] for index in known[epoch][at]], pad)

    return feed
