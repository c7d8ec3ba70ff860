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
            chosen[asked] = self._drawn(rows[asked], top_logits[asked].astype(np.float64), top_ids[asked], draws[asked])
        return chosen

    def _drawn(self, rows: NDArray[np.int64], logits: NDArray[np.float64], ids: NDArray[np.int64], draws: NDArray[np.float64]) -> list[int]:
        """A draw for every row at once; a row whose token is refused to the letter draws again by itself."""
        may = self._may_come(rows, ids)
        ladders = self._ladder(logits, may)
        at = (ladders <= draws[:, None] * ladders[:, -1:]).sum(axis=1)
        chosen = []
        for index, (row, first, any_may) in enumerate(zip(rows, at, np.any(may, axis=1).tolist(), strict=True)):
            own = self.rows[row]
            if own.in_closed_cta:
                chosen.append(own.take_cta(ids[index], float(draws[index])))
            elif not any_may:
                chosen.append(own.stuck())
            else:
                taken = self._take(own, int(ids[index, first]))
                if taken is None:
                    taken = self._drawn_again(own, ids[index], logits[index], may[index], float(draws[index]), int(first))
                chosen.append(taken)
        return chosen

    def _ladder(self, logits: NDArray[np.float64], may: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Cumulated weights (..., K) of the candidates that may come and are not below the floor."""
        best = np.where(may, logits, -np.inf).max(axis=-1, keepdims=True)
        scaled = (logits - best) / self._temperature
        weights: NDArray[np.float64] = np.exp(np.minimum(scaled, 0.0)) * (may & (scaled > self._log_floor))
        return np.cumsum(weights, axis=-1)

    def _take(self, row: Row, token: int) -> int | None:
        return row.end() if self._ends[token] else row.take(token)

    def _drawn_again(
        self, row: Row, ids: NDArray[np.int64], logits: NDArray[np.float64], may: NDArray[np.bool_], draw: float, refused: int
    ) -> int:
        """Draws among the candidates left after `refused`, until one holds; each draw is exact given those refused before."""
        alive = may.copy()
        while True:
            ladder = self._ladder(logits, alive)
            below = float(ladder[refused - 1]) if refused else 0.0
            alive[refused] = False
            if not alive.any():
                return row.stuck()
            draw = min(max((draw * float(ladder[-1]) - below) / (float(ladder[refused]) - below), 0.0), 1.0 - 1e-12)
            ladder = self._ladder(logits, alive)
            refused = int((ladder <= draw * ladder[-1]).sum())
            taken = self._take(row, int(ids[refused]))
            if taken is not None:
                return taken

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
