"""Several ads of one item as one row: the item's part of the prompt is computed once, each ad goes on from it
as if the others were not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.training.examples.batches import IGNORED, Encoded, epoch_groups

_PADDING: Final = -1


class ItemRow(NamedTuple):
    """What all ads of an item begin with, and each ad after it."""

    shared: tuple[int, ...]
    ads: tuple[Encoded, ...]

    @property
    def length(self) -> int:
        """Positions: the last token of an ad is only predicted."""
        return len(self.shared) + sum(ad.length - 1 for ad in self.ads)


class BranchBatch(NamedTuple):
    """`ids`, `positions`, `targets` (B, S) right-padded; `sees` (B, 1, S, S): which positions each one reads;
    `branches` (B, S): 0 what is shared, n the n-th ad, negative padding."""

    ids: Tensor
    positions: Tensor
    targets: Tensor
    sees: Tensor
    branches: Tensor


def pack_items(rows: Sequence[ItemRow], pad: int) -> BranchBatch:
    """Rows as one batch."""
    shape = (len(rows), max(row.length for row in rows))
    ids, targets = np.full(shape, pad, np.int64), np.full(shape, IGNORED, np.int64)
    positions, branches = np.zeros(shape, np.int64), np.full(shape, _PADDING, np.int64)
    for at, row in enumerate(rows):
        end = len(row.shared)
        ids[at, :end], positions[at, :end], branches[at, :end] = row.shared, np.arange(end), 0
        for number, ad in enumerate(row.ads, 1):
            begin, end = end, end + ad.length - 1
            ids[at, begin:end] = [*ad.prompt, *ad.copy][:-1]
            positions[at, begin:end] = np.arange(end - begin) + len(row.shared)
            branches[at, begin:end] = number
            targets[at, begin + len(ad.prompt) - 1 : end] = ad.copy
    return BranchBatch(
        *(torch.from_numpy(each) for each in (ids, positions, targets, _seen(branches), branches))
    )


def _seen(branches: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether position i reads position j: what came before, of the own branch or shared. Padding reads
    itself, for a softmax over nothing has no value."""
    reads, read = branches[:, :, None], branches[:, None, :]
    length = branches.shape[1]
    before = np.tril(np.ones((length, length), np.bool_))
    seen = before & ((read == 0) | (read == reads)) & (read >= 0)
    return (seen | np.eye(length, dtype=np.bool_))[:, None]


def feed_of_items(rows: Sequence[ItemRow], size: int, seed: int) -> Callable[[int], list[int]]:
    """Which rows each step sees: over and over all of them, in another order."""
    lengths = np.array([row.length for row in rows], np.int64)
    known: dict[int, NDArray[np.int64]] = {}

    def feed(step: int) -> list[int]:
        epoch, at = divmod(step, max(1, len(rows) // size))
        if epoch not in known:
            known.clear()
            known[epoch] = epoch_groups(lengths, None, size, seed, epoch)
        return [int(index) for index in known[epoch][at]]

    return feed
