"""Choosing the next token of many copies at once: masks over the candidates first, then the drawn one is read letter by letter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.copywriter.layout import Layout
from models.copywriter.row import Row
from models.copywriter.token_table import ENDS, FIGURE, SPACED, WHOLE, TokenTable
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
        self._code = table.code.copy()
        self._code[sorted({token for layout in layouts for token in layout.ends})] |= ENDS

    def choose(
        self, rows: NDArray[np.int64], top_logits: NDArray[np.float32], top_ids: NDArray[np.int64], step: int, draws: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """The next id of each live row, STOP for one that is finished or cannot go on (its `why` says so)."""
        chosen = np.full(len(rows), STOP, np.int64)
        asked = []
        for at, row in enumerate(rows.tolist()):
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
        weights = self._weights(logits, may)
        ladders = np.cumsum(weights, axis=1)
        at = (ladders <= draws[:, None] * ladders[:, -1:]).sum(axis=1)
        chosen = []
        for index, (row, first, some) in enumerate(zip(rows, at.tolist(), (ladders[:, -1] > 0).tolist(), strict=True)):
            own = self.rows[row]
            if own.in_closed_cta:
                chosen.append(own.take_cta(ids[index], float(draws[index])))
            elif not some:
                chosen.append(own.stuck())
            else:
                taken = self._take(own, int(ids[index, first]))
                if taken is None:
                    taken = self._drawn_again(own, ids[index], logits[index], may[index], weights[index], float(draws[index]), first)
                chosen.append(taken)
        return chosen

    def _weights(self, logits: NDArray[np.float64], may: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Weights (..., K) of the candidates: 0 for those that may not come or are below the floor."""
        best = np.where(may, logits, -np.inf).max(axis=-1, keepdims=True)
        scaled = (logits - best) / self._temperature
        weights: NDArray[np.float64] = np.exp(np.minimum(scaled, 0.0)) * (may & (scaled > self._log_floor))
        return weights

    def _take(self, row: Row, token: int) -> int | None:
        return row.end() if self._code[token] & ENDS else row.take(token)

    def _drawn_again(
        self,
        row: Row,
        ids: NDArray[np.int64],
        logits: NDArray[np.float64],
        may: NDArray[np.bool_],
        weights: NDArray[np.float64],
        draw: float,
        refused: int,
    ) -> int:
        """Draws among the candidates left after `refused`, until one holds; the next draw is where the last lay in its share."""
        alive, weights = may.copy(), weights.copy()
        ladder = np.cumsum(weights)
        while True:
            draw = (draw * float(ladder[-1]) - float(ladder[refused] - weights[refused])) / float(weights[refused])
            draw = min(max(draw, 0.0), 1.0 - 1e-12)
            alive[refused], weights[refused] = False, 0.0
            ladder = np.cumsum(weights)
            if ladder[-1] <= 0:
                if not alive.any():
                    return row.stuck()
                weights = self._weights(logits, alive)
                ladder = np.cumsum(weights)
            refused = int(np.searchsorted(ladder, draw * ladder[-1], side="right"))
            taken = self._take(row, int(ids[refused]))
            if taken is not None:
                return taken

    def _may_come(self, rows: NDArray[np.int64], ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which candidates (n, K) fit the budgets, complete the characters begun, are no markup, and no figure where no fact has one."""
        table, own = self._table, [self.rows[row] for row in rows]
        facts = np.array(
            [(row.room, row.fresh, row.lacking, row.has_figures, row.kept_for, row.kept, row.pointer_space) for row in own], np.int32
        )
        room, fresh, lacking, figures, kept_for, kept, spaces = (facts[:, at, None] for at in range(facts.shape[1]))
        code = self._code[ids]
        may = ((code >> 4) - (code & fresh * SPACED) <= room) & (code & (WHOLE | FIGURE * (1 - figures)) == WHOLE)
        for at in np.flatnonzero(lacking):
            lead = table.lead[ids[at]]
            continues = (lead == lacking[at]) | (table.only_lead[ids[at]] & (lead < lacking[at]))
            may[at] = continues & table.is_text[ids[at]] & (table.width[ids[at]] <= room[at])
        controls = ids >= self._text_size
        if controls.any():
            columns = self._pointer_width[self._which[rows][:, None], np.maximum(ids - self._text_size, 0)]
            pointer = columns - fresh * spaces <= room + np.where(ids == kept_for, kept, 0)
            may = np.where(controls, pointer & (lacking == 0), may)
        may_end = np.array([row.may_end for row in own])[:, None]
        return np.asarray(np.where(code & ENDS, may_end, may))
