"""Counter deltas into rows `a`, and their absolute values to ads.outcome.v1 once the rows are durable.

Row `o` lists the counter rows whose outcomes have not left yet. After a crash the next owner sends them
again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import msgspec

from models.arrays import Rows
from models.earned.counters import COUNTER_FIELDS, WINDOWS_S, CellNames, Counters, Sums, Window
from models.inputs.counts import Counts
from models.inputs.window import Setup
from models.interest.threshold.budget import TriggerTotals
from models.measured.making import Making
from models.money import CURRENCIES, micros_to_minor
from streams import records as r
from streams.columns.names import NONE, Cells
from streams.metrics.earned import OUTCOMES
from streams.topics import OUTCOME
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from streams.wire.partition import partition
from streams.wire.view import View

OUTBOX: Final = b"o"
MAKINGS: Final = b"g"
"""Kind of the rows that say how creatives were made."""
PUBLISH_MS: Final = 1_000
OUTCOME_LATE_MS: Final = 5_000
"""A lane whose input is older than this publishes only this often."""
BEHIND_MS: Final = 15_000
"""And this often while full batches wait for it: most rows are about to change again."""
MOST_TOUCHED: Final = 8_192
"""Counter rows that wait at most, whatever the interval: each flush writes their keys."""
ID: Final = "ce_id"
MAKING_SUFFIX: Final = "|making"
"""Of the key of an outcome that says how creatives were made."""
UNKNOWN_NAMES: Final[CellNames] = (NONE, NONE, NONE, NONE, NONE)


@dataclass
class Ledger:
    """What one lane has counted and not yet published."""

    sums: Sums = field(default_factory=Sums)
    makings: defaultdict[tuple[int, int], Making] = field(
        default_factory=lambda: defaultdict(Making)
    )  # by cell and start of the minute, s
    inputs: dict[tuple[Setup, int], Counts] = field(default_factory=dict)  # by setup and hour of append time
    triggers: TriggerTotals = field(default_factory=TriggerTotals)  # since the last flush
    touched: dict[bytes, Window] = field(default_factory=dict)
    named: set[int] = field(default_factory=set)  # cells whose names are in rows
    published_ms: int = 0
    newest_ms: int = 0  # append time of the last event


def add_deltas(view: View, ledger: Ledger, cells: Cells, deltas: Rows) -> None:
    """Add deltas. Call as the last step of a batch: the ledger is not undone when a later step fails."""
    done = ledger.sums.add(deltas)
    while done < len(deltas):
        fold_deltas(view, ledger, cells)
        done = ledger.sums.add(deltas, done)


def fold_deltas(view: View, ledger: Ledger, cells: Cells) -> None:
    """Bring the sums into the counter rows."""
    for window, payload in ledger.sums.rows(view.get_many):
        key = window.key()
        view.put(key, payload)
        ledger.touched[key] = window
        if window.cell not in ledger.named:
            name_cell(view, cells, window.cell)
            ledger.named.add(window.cell)
    ledger.sums.clear()


def name_cell(view: View, cells: Cells, cell: int) -> None:
    """Keep the names of a cell beside its counters: after a restart only the rows know them."""
    key = _name_key(cell)
    names = cells.names.get(cell)
    if names is not None and view.get(key) is None:
        view.put(key, msgspec.json.encode(names))


def close_counters(view: View, ledger: Ledger, cells: Cells) -> None:
    """Before a flush: everything counted is in rows, and the outbox says which."""
    fold_deltas(view, ledger, cells)
    if ledger.touched:
        view.put(OUTBOX, b"".join(ledger.touched))


def publish_outcomes(
    view: View, ledger: Ledger, cells: Cells, partitions: int, flush: int, *, swept: bool = False
) -> None:
    """Absolute values of rows that flushes made durable, now and then only, since a later value says all of
    an earlier one.

    What waits is in the outbox. A sweep (`swept`) sends it unless the lane is behind, so nothing waits longer
    than until the next one.
    """
    every_ms = (
        0 if swept else PUBLISH_MS if view.now_ms - ledger.newest_ms < OUTCOME_LATE_MS else OUTCOME_LATE_MS
    )
    if view.behind and len(ledger.touched) < MOST_TOUCHED:
        every_ms = BEHIND_MS
    if (
        0 <= view.now_ms - ledger.published_ms < every_ms
    ):  # a clock that was set back makes nobody wait for it
        return
    ledger.published_ms = view.now_ms
    _send(view, cells, ledger.touched, partitions, flush)
    ledger.touched.clear()


def publish_again(view: View, cells: Cells, partitions: int) -> None:
    """At assignment: what the last flush may have failed to send, under that flush's number.

    The generation may be the same as before: a member with a fixed name that comes back in time keeps it.
    """
    outbox = view.get(OUTBOX) or b""
    size = len(Window(0, WINDOWS_S[0], 0).key())
    keys = [outbox[start : start + size] for start in range(0, len(outbox), size)]
    _send(view, cells, {key: Window.of_key(key) for key in keys}, partitions, view.flush - 1)


def cell_names(view: View, cells: Cells, cell: int) -> CellNames:
    """Names of a cell, from memory or from its row."""
    names = cells.names.get(cell)
    if names is None:
        payload = view.get(_name_key(cell))
        if payload is None:
            return UNKNOWN_NAMES  # not kept: whoever counts for the cell next knows them
        names = cells.names[cell] = msgspec.json.decode(payload, type=CellNames)
    return names


def _name_key(cell: int) -> bytes:
    return b"n" + cell.to_bytes(8, "big")


@lru_cache(maxsize=4_096)
def _home(campaign: str, partitions: int) -> int:
    return partition(campaign.encode(), partitions)


def _send(view: View, cells: Cells, rows: Mapping[bytes, Window], partitions: int, flush: int) -> None:
    stamped = [header for header in headers(OUTCOME.ce_type, "", view.now_ms) if header[0] != ID]
    sent = 0
    for key, window in rows.items():
        payload = view.get(key)
        if payload is None:
            continue
        names = cell_names(view, cells, window.cell)
        outcome = _outcome_of(key, payload, names, window, view, flush)
        text = "|".join((str(view.lane), *names, f"{window.size_s}:{window.start_s * 1000}"))
        if outcome.making is not None:
            text += MAKING_SUFFIX
        head = [(ID, f"{text}|{view.generation}|{flush}".encode()), *stamped]
        view.send(Output(OUTCOME.name, text.encode(), encode(outcome), _home(names[0], partitions), head))
        sent += 1
    OUTCOMES.inc(sent)


def _outcome_of(
    key: bytes, payload: bytes, names: CellNames, window: Window, view: View, flush: int
) -> r.Outcome:
    """The record of one row: absolute values."""
    said = _made(payload) if key[:1] == MAKINGS else _earned(Counters.of_bytes(payload))
    return r.Outcome(
        *names,
        window=window.start_s * 1000,
        window_s=window.size_s,
        generation=max(view.generation, 0),
        flush=flush,
        source_partition=view.lane,
        **said,
    )


def _earned(counters: Counters) -> dict[str, Any]:
    money = counters.money.items()
    return {
        "counts": r.OutcomeCounts(
            **dict(zip(COUNTER_FIELDS, counters.counts, strict=True)),
            by_exposure=counters.by_exposure,
            clicked_by_exposure=counters.clicked_by_exposure,
            users=max(0, counters.users[0]),
            campaign_users=max(0, counters.users[1]),
        ),
        "value_minor": {CURRENCIES[c]: value for c, (value, _) in money if value},
        "cost_minor": {CURRENCIES[c]: micros_to_minor(cost, c) for c, (_, cost) in money if cost},
    }


def _made(payload: bytes) -> dict[str, Any]:
    making = msgspec.structs.asdict(Making.of_bytes(payload))
    return {"counts": r.OutcomeCounts(), "making": r.OutcomeMaking(**making)}
