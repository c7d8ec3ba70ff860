"""What came into the lane lately: row `q`, and its sums on ads.input.v1 once they are durable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.profiles.rows.outcomes import Ledger
from models.inputs.counts import COUNTED, QUALITY, Counts
from models.inputs.window import QUALITY_MS, InputWindow, Setup
from streams import records as r
from streams.topics import INPUT
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from streams.wire.view import View

ROW: Final = b"q"
TOLD_MS: Final = 10_000
"""The counts of a lane leave this often at most: whoever follows them looks at hours."""


@dataclass
class ToldInputs:
    """What a lane has told last, and when."""

    payload: bytes | None = None
    told_ms: int = 0


def inputs_at(ledger: Ledger, setup: Setup, append_ms: int) -> Counts:
    """Where a batch is counted. Add to it as the last step: the ledger is not undone when a later one
    fails."""
    key = setup, append_ms // QUALITY_MS
    counts = ledger.inputs.get(key)
    if counts is None:
        counts = ledger.inputs[key] = np.zeros(COUNTED, np.int64)
    return counts


def fold_inputs(view: View, ledger: Ledger) -> None:
    """Bring what waits into the row."""
    if not ledger.inputs:
        return
    window = InputWindow.of_bytes(view.get(ROW))
    for (setup, hour), counts in ledger.inputs.items():
        window.add(setup, hour * QUALITY_MS, counts)
    view.put(ROW, window.to_bytes())
    ledger.inputs.clear()


def tell_inputs(view: View, told: ToldInputs) -> None:
    """Send the sums when the row is another than last time; call it when it is durable."""
    payload = view.get(ROW)
    if payload is None or payload == told.payload or 0 <= view.now_ms - told.told_ms < TOLD_MS:
        return
    told.payload, told.told_ms = payload, view.now_ms
    key, window = str(view.lane), InputWindow.of_bytes(payload)
    seen = window.seen()
    record = r.InputCounts(
        view.lane,
        *window.setup,
        ts=view.now_ms,
        codes=seen.codes.tolist(),
        scores=seen.scores.tolist(),
        spread_blocks=seen.spread_blocks,
        **dict(zip(QUALITY, seen.quality.tolist(), strict=True)),
    )
    ce_id = f"{key}|{view.generation}|{view.flush}"
    view.send(Output(INPUT.name, key.encode(), encode(record), 0, headers(INPUT.ce_type, ce_id, view.now_ms)))
