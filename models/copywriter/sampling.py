"""Choosing the next token of many copies at once: masks over the candidates first, then the drawn one is read letter by letter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.copywriter.layout import Layout
from models.copywriter.row import Row
from models.copywriter.token_table import TokenTable
from models.decoder.sequence import STOP
from models.graphemes import width

NEVER = np.int32(1 << 20)
"""Columns of a pointer that a brief has no words for: more than any budget."""


class Writing:
    """The chooser of one call: `candidates` rows for each layout. What a row gets depends on its own past and draws alone."""

    def __init__(self, table: TokenTable, layouts: Sequence[Layout], candidates: int, text_size: int, temperature: float, floor: float):
        """`text_size`: ids from here on are control tokens; `floor`: share of the best candidate's chance below which none is drawn."""
        self._table, self._text_size, self._temperature, self._log_floor = table, text_size, temperature, float(np.log(floor))
        self.rows = [Row(layout, table) for layout in layouts for _ in range(candidates)]
        self._which: NDArray[np.int64] = np.repeat(np.arange(len(layouts)), candidates)
        controls = len(table.data) - text_size
        self._pointer_width = np.full((len(layouts), max(1, controls)), NEVER, np.int32)
        for index, layout in enumerate(layouts):
            for token, text in layout.pointers.items():
                self._pointer_width[index, token - text_size] = width(text) + layout.pointer_space
        self._ends = table.breaks.copy()
        self._ends[sorted({token for layout in layouts for token in layout.ends})] = True

    def choose(
        self, rows: NDArray[np.int64], top_logits: NDArray[np.float32], top_ids: NDArray[np.int64], step: int, draws: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """The next id of each live row, STOP for one that is finished or cannot go on (its `why` says so)."""
        chosen = np.full(len(rows), STOP, np.int64)
        asked = []
        for at, row in enumerate(rows):
            forced = self.rows[row].forced()
            if forced is None:
                asked.append(at)
            else:
                chosen[at] = forced
        if asked:
            live, ids, logits = rows[asked], top_ids[asked], top_logits[asked].astype(np.float64)
            may = self._may_come(live, ids)
            for at, index, own_ids, own_logits, own_may in zip(asked, live, ids, logits, may, strict=True):
                chosen[at] = self._draw(self.rows[index], own_ids, own_logits, own_may, float(draws[at]))
        return chosen

    def _may_come(self, rows: NDArray[np.int64], ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which candidates (n, K) fit the budgets, complete the characters begun, are no markup, and no figure where no fact has one."""
        table, own = self._table, [self.rows[row] for row in rows]
        room = np.array([row.room for row in own], np.int32)[:, None]
        fresh = np.array([not row.written for row in own])[:, None]
        lacking = np.array([row.lacking for row in own], np.int8)[:, None]
        may_end = np.array([row.may_end for row in own])[:, None]
        figures = np.array([row.has_figures for row in own])[:, None]
        lead = table.lead[ids]
        joins = (lead == lacking) | (table.only_lead[ids] & (lead < lacking))
        fits = table.width[ids] - (fresh & table.spaced[ids]) <= room
        may = table.is_text[ids] & joins & fits & (figures | ~table.is_numeric[ids])
        controls = ids >= self._text_size
        if controls.any():
            columns = self._pointer_width[self._which[rows][:, None], np.maximum(ids - self._text_size, 0)]
            kept = np.array([[row.kept_for, row.kept] for row in own], np.int32)
            spaces = fresh * np.array([row.layout.pointer_space for row in own], np.int32)[:, None]
            pointer = columns - spaces <= room + np.where(ids == kept[:, :1], kept[:, 1:], 0)
            may = np.where(controls, pointer & (lacking == 0), may)
        return np.asarray(np.where(self._ends[ids], may_end, may))

    def _draw(self, row: Row, ids: NDArray[np.int64], logits: NDArray[np.float64], may: NDArray[np.bool_], draw: float) -> int:
        """Draws among the candidates that may come until one holds to the letter; each draw is exact given those refused before."""
        if row.in_closed_cta:
            return row.take_cta(ids, draw)
        alive = may.copy()
        while alive.any():
            scaled = np.where(alive, (logits - logits[alive][0]) / self._temperature, -np.inf)
            ladder = np.cumsum(np.where(scaled > self._log_floor, np.exp(scaled), 0.0))
            at = min(int(np.searchsorted(ladder, draw * ladder[-1], side="right")), len(ids) - 1)
            token = int(ids[at])
            taken = row.end() if self._ends[token] else row.take(token)
            if taken is not None:
                return taken
            alive[at] = False
            below = ladder[at - 1] if at else 0.0
            draw = float(np.clip((draw * ladder[-1] - below) / (ladder[at] - below), 0.0, 1.0 - 1e-12))
        return row.stuck()
