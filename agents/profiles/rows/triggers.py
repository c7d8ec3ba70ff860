"""How many positive events the lane has seen and how many requests they made: row `t`, and its absolute
values on ads.trigger.v1 once they are durable."""

from __future__ import annotations

from dataclasses import dataclass
from operator import add
from typing import Final

import msgspec

from agents.profiles.rows.outcomes import Ledger
from models.interest.threshold.budget import TriggerTotals
from streams import records as r
from streams.topics import TRIGGER
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from streams.wire.view import View

ROW: Final = b"t"
TOLD_MS: Final = 10_000
"""The counts of a lane leave this often at most: whoever follows them looks once in minutes."""

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(tuple[int, int, int])


@dataclass
class ToldTotals:
    """What a lane has told last, and when."""

    totals: TriggerTotals | None = None
    told_ms: int = 0


def read_totals(view: View) -> TriggerTotals:
    """What the lane has counted so far."""
    payload = view.get(ROW)
    return TriggerTotals() if payload is None else TriggerTotals(*_decoder.decode(payload))


def note_totals(ledger: Ledger, positives: int, requested: TriggerTotals) -> None:
    """Count what one batch brought. Call as the last step of it: the ledger is not undone when a later step
    fails."""
    if positives or any(requested):
        ledger.triggers = _sum(ledger.triggers, requested._replace(positives=positives))


def fold_totals(view: View, ledger: Ledger) -> None:
    """Bring what waits into the row."""
    if any(ledger.triggers):
        view.put(ROW, _encoder.encode(_sum(read_totals(view), ledger.triggers)))
        ledger.triggers = TriggerTotals()


def _sum(some: TriggerTotals, more: TriggerTotals) -> TriggerTotals:
    return TriggerTotals(*map(add, some, more))


def tell_totals(view: View, told: ToldTotals) -> None:
    """Send the counts when they are others than last time; call it when the row is durable."""
    totals = read_totals(view)
    if totals == told.totals or not any(totals) or 0 <= view.now_ms - told.told_ms < TOLD_MS:
        return
    told.totals, told.told_ms = totals, view.now_ms
    key = str(view.lane)
    record = r.TriggerCount(view.lane, *totals, ts=view.now_ms)
    ce_id = f"{key}|{totals.positives}|{totals.requests}"
    view.send(
        Output(TRIGGER.name, key.encode(), encode(record), 0, headers(TRIGGER.ce_type, ce_id, view.now_ms))
    )
