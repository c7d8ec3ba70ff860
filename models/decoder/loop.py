"""The loop of decoding: choose, append, step, until every row has finished, reached the limit or the time is
over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.decoder.sequence import Chooser, Sequence
from models.decoder.state import DecodingState, Top

COMPACT_SHARE: Final = 0.75
"""Rows that finished are dropped when at most this share is live: moving the rest then costs less than
running them along."""


def write_rows(
    state: DecodingState,
    top: Top,
    rows: NDArray[np.int64],
    chooser: Chooser,
    draws: NDArray[np.float64],
    remaining_ms: Callable[[], float],
) -> list[Sequence]:
    """Continues prefilled rows, which the chooser knows as `rows` (n,); `draws` (n, limit) also says how long
    they may become."""
    count, limit = draws.shape
    tokens, lengths = np.zeros((count, limit), np.int64), np.zeros(count, np.int64)
    why = np.full(count, "deadline", "U8")
    at, live = (
        np.arange(count),
        np.ones(count, bool),
    )  # which sequence a row of the state is, and whether it goes on
    for step in range(limit):
        if remaining_ms() <= 0:
            break
        going = at[live]
        chosen = chooser.choose(rows[going], top.logits[live], top.ids[live], step, draws[going, step])
        goes_on = chosen >= 0
        why[going[~goes_on]] = ""
        tokens[going[goes_on], step] = chosen[goes_on]
        lengths[going[goes_on]] += 1
        live[live] = goes_on
        if step + 1 == limit:
            why[at[live]] = "limit"
        if step + 1 == limit or not live.any():
            break
        if live.sum() <= COMPACT_SHARE * state.rows:
            kept = np.flatnonzero(live)
            state, at, live = state.take(kept), at[kept], np.ones(len(kept), bool)
        top = state.step(np.where(live, tokens[at, step], 0), live)
    return [Sequence(tokens[row, : lengths[row]].tolist(), str(why[row])) for row in range(count)]
