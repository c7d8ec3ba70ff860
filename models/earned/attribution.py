"""Where a click or a reaction belongs, given what row `x` holds now; what a conversion is credited to is in
models/earned/credit.py. What both are told, and what they put out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numba import typeof
from numba.types import int64
from numpy.typing import NDArray

from models.arrays import Rows
from models.earned.counters import DELTA
from models.earned.exposures import find_live, find_shown
from models.earned.judging import CLICK_WINDOW_S, TOO_FAST_MS
from models.earned.told import TOLD
from models.kernels.argument_types import named_tuple, rows, vector
from models.kernels.compiled import part

EARNS_CLICK_S: Final = 7 * 86_400
EARNS_VIEW_S: Final = 86_400
"""So long a click, or a view, earns what follows, unless settings or the campaign say otherwise."""


class Known(NamedTuple):
    """Reference data of the joins. Shared creatives sorted by number; caps and windows by campaign (the top
    28 bits of its cells)."""

    shared_creative: NDArray[np.uint64]
    shared_cell: NDArray[np.uint64]
    cap_campaign: NDArray[np.uint64]
    cap_n: NDArray[np.int64]
    cap_per_s: NDArray[np.int64]  # 0 = lifetime
    cap_creative: NDArray[np.bool_]  # counted per creative, else per campaign
    earns_campaign: NDArray[np.uint64]  # those with windows of their own
    earns_click_s: NDArray[np.int64]  # theirs, and behind them everybody else's
    earns_view_s: NDArray[np.int64]
    too_fast_ms: int  # a click sooner after its exposure is invalid


def known(
    shared: Mapping[int, int],
    caps: Iterable[tuple[int, int, int, bool]],
    earns: Mapping[int, tuple[int, int]] | None = None,
    others: tuple[int, int] = (EARNS_CLICK_S, EARNS_VIEW_S),
    too_fast_ms: int = TOO_FAST_MS,
) -> Known:
    """From {creative: cell}, [(campaign bits, n, per_s, per creative)], {campaign bits: (seconds in which its
    clicks earn, its views)}, the windows of the other campaigns, and how soon a click is too soon."""
    creatives, caps, windows = sorted(shared), sorted(caps), sorted((earns or {}).items())
    return Known(
        np.array(creatives, np.uint64),
        np.array([shared[creative] for creative in creatives], np.uint64),
        np.array([c[0] for c in caps], np.uint64),
        np.array([c[1] for c in caps], np.int64),
        np.array([c[2] for c in caps], np.int64),
        np.array([c[3] for c in caps], np.bool_),
        np.array([campaign for campaign, _ in windows], np.uint64),
        np.array([*(each[0] for _, each in windows), others[0]], np.int64),
        np.array([*(each[1] for _, each in windows), others[1]], np.int64),
        too_fast_ms,
    )


KNOWN_TYPE: Final = typeof(known({}, []))
"""As an argument of kernels."""


class Joined(NamedTuple):
    """What joins put out: deltas (k,) of dtype DELTA, indices of impressions that reached a cap (n,),
    exposures of ours that left the row (m,) of dtype TOLD, and their numbers (NUMBERS,): how many were
    EVICTED ... N_TOLD."""

    deltas: Rows
    capped: NDArray[np.int64]
    told: Rows
    numbers: NDArray[np.int64]


NUMBERS: Final = 14
(
    EVICTED, FOUND, NOWHERE, MOVED, UNCOUNTED, UNCREDITED, BOT_SHOWN, BOT_CLICKED, TOO_FAST, REPEATS, UNSEEN,
    N_DELTAS, N_CAPPED, N_TOLD,
) = range(NUMBERS)  # fmt: skip
JOINED_TYPE: Final = named_tuple(Joined, rows(DELTA), vector(int64), rows(TOLD), vector(int64))
"""As an argument of kernels."""
NO_MONEY: Final = (0, 0, 0)


@part
def emit(out, key, cell, ts, field, sign, money):  # type: ignore[no-untyped-def]
    """One delta. `key`: (source, offset) of its event; `money`: (nth, currency, value)."""
    d = out.deltas[out.numbers[N_DELTAS]]
    d.cell, d.ts, d.field, d.sign, d.nth, d.currency = cell, ts, field, sign, money[0], money[1]
    d.value, d.source, d.offset, d.first = money[2] * sign, key[0], key[1], 0
    out.numbers[N_DELTAS] += 1


@part
def _shared_cell(ref, creative):  # type: ignore[no-untyped-def]
    k = np.searchsorted(ref.shared_creative, creative)
    if k < len(ref.shared_creative) and ref.shared_creative[k] == creative:
        return ref.shared_cell[k]
    return np.uint64(0)


@part
def creative_cell(x, creative, ref):  # type: ignore[no-untyped-def]
    """What a creative counts for, 0 unknown."""
    if creative == 0:
        return np.uint64(0)
    k = find_live(x, creative)
    return x.live_cell[k] if k >= 0 else _shared_cell(ref, creative)


@part
def act_cell(x, ts, imp, creative, ref):  # type: ignore[no-untyped-def]
    """Where a click, like, hide or report belongs: its impression, else its creative; 0 = nowhere yet."""
    k = find_shown(x, imp)
    if k >= 0 and abs(np.int64(x.shown_ts[k]) - np.int64(ts)) <= CLICK_WINDOW_S:
        return x.shown_cell[k]
    cell = creative_cell(x, creative, ref)
    if cell or creative == 0:
        return cell
    for k in range(np.int64(x.n_shown) - 1, -1, -1):
        if x.shown_creative[k] == creative and abs(np.int64(x.shown_ts[k]) - np.int64(ts)) <= CLICK_WINDOW_S:
            return x.shown_cell[k]
    return np.uint64(0)
