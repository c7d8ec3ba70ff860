"""How requests ended and what was made for users, counted by cell and window beside what creatives earn.

Results and creatives of one user come in the user's lane. A creative is fenced by its user's rows. A result
changes no row of a user: the last offset of ads.generation.v1 that was counted stands in a row of its own,
which every flush writes together with the counts.
"""

from __future__ import annotations

from typing import Final

from agents.profiles.intake import take
from agents.profiles.rows.outcomes import MAKINGS, Ledger, name_cell
from agents.profiles.work import Work
from models.earned.counters import WINDOWS_S, CellNames, Window
from models.measured.making import Making
from models.text.units import pairs, units
from streams import records as r
from streams.columns.names import NONE, Cells
from streams.wire.view import RecordBatch, View

MOST_WAITING: Final = 256
"""Cells and minutes that wait for the rows at most: a flush has room for them."""
_COUNTED: Final = MAKINGS
"""Row with the last offset counted: the kind without a window."""
_MINUTE_S: Final = WINDOWS_S[0]


def apply_results(view: View, batch: RecordBatch, work: Work) -> None:
    """One batch of ads.generation.v1: each result counts once, whatever is read again."""
    intake = take(view, batch, work)
    applied = int(view.get(_COUNTED) or -1)
    for record, result in zip(intake.records, intake.content, strict=True):
        if record.offset > applied:
            _count_result(view, result, work)
    view.put(_COUNTED, str(max(applied, batch.records[-1].offset)).encode())


def _count_result(view: View, result: r.GenerationResult, work: Work) -> None:
    names = (
        result.campaign_id or NONE,
        result.slots[0] if result.slots else NONE,
        result.arm or NONE,
        result.template_id or NONE,
        result.segment or NONE,
    )
    making = _making(view, work, names, result.ts)
    making.count_ending(result.status, result.review, result.queue_ms, result.total_ms, result.cpu_ms)
    if result.novelty is not None:
        making.count_novelty(result.novelty)


def count_creative(view: View, creative: r.Creative, names: CellNames, work: Work) -> None:
    """A creative for one user was published."""
    bigrams = [f"{left} {right}" for left, right in pairs(units(creative.copy.headline))]
    _making(view, work, names, creative.created).count_creative(bigrams)


def _making(view: View, work: Work, names: CellNames, ts_ms: int) -> Making:
    waiting = work.ledger.makings
    if len(waiting) >= MOST_WAITING:
        fold_makings(view, work.ledger, work.cells)
    second = ts_ms // 1_000
    return waiting[work.cells.number(names), second - second % _MINUTE_S]


def fold_makings(view: View, ledger: Ledger, cells: Cells) -> None:
    """Bring what waits into the rows of its windows."""
    for (cell, minute), making in ledger.makings.items():
        for size_s in WINDOWS_S:
            window = Window(cell, size_s, minute - minute % size_s if size_s else 0)
            key = window.key(MAKINGS)
            total = Making.of_bytes(view.get(key))
            total.add(making)
            view.put(key, total.to_bytes())
            ledger.touched[key] = window
        name_cell(view, cells, cell)
    ledger.makings.clear()
