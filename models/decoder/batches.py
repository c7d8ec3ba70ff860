"""Cuts work into micro-batches of sequences that are alike, and pads their ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.decoder.sequence import Prompt


def micro_batches(prompts: Sequence[Prompt], size: int, kind: Callable[[Prompt], Any]) -> list[list[int]]:
    """Indices of the prompts in batches of at most `size`: prompts of different kinds never meet; the same
    prefix and alike lengths do."""
    order = sorted(
        range(len(prompts)),
        key=lambda i: (kind(prompts[i]), prompts[i].adapter, prompts[i].prefix, len(prompts[i].suffix)),
    )
    batches: list[list[int]] = []
    for index in order:
        if batches and len(batches[-1]) < size and kind(prompts[batches[-1][0]]) == kind(prompts[index]):
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def pad_right(rows: Sequence[Sequence[int]], pad: int, length: int = 0) -> NDArray[np.int64]:
    """Rows of ids as one array, padded on the right to the longest of them, or to `length`."""
    ids = np.full((len(rows), max(length, *map(len, rows))), pad, np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
    return ids
