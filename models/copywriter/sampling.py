"""Choosing the next token of many copies at once: one draw for all rows, and what is drawn is read letter by letter before it comes.

Most draws hold. Where one does not, the row's candidates are masked and it draws again among those left, which is a draw from the model's
distribution given everything that may come.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.copywriter.layout import Layout
from models.copywriter.row import Row
from models.copywriter.token_table import ENDS, FIGURE, SPACED, WHOLE, TokenTable
from models.decoder.sequence import STOP

UNMASKED = 3
"""Draws of a row and step before its candidates are masked."""


class Writing:
    """The chooser of one call: `candidates` rows for each layout. What a row gets depends on its own past and draws alone."""

    def __init__(self, table: TokenTable, layouts: Sequence[Layout], candidates: int, text_size: int, temperature: float, floor: float):
        """`text_size`: ids from here on are control tokens; `floor`: share of the best candidate's chance below which none is drawn."""
        self._table, self._text_size, self._temperature, self._log_floor = table, text_size, temperature, float(np.log(floor))
        self.rows = [Row(layout, table) for layout in layouts for _ in range(candidates)]
        self._code = table.code.copy()
        self._code[sorted({token for layout in layouts for token in layout.ends})] |= ENDS
        self._possible = (self._code & (WHOLE | ENDS) > 0).astype(np.float64)
        self._possible[sorted({token for layout in layouts for token in layout.pointers})] = 1.0

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
        """The next id of every row that is asked."""
        weights = self._weights(logits, logits[:, :1]) * self._possible[ids]
        ladders = np.cumsum(weights, axis=1)
        at = (ladders <= draws[:, None] * ladders[:, -1:]).sum(axis=1)
        chosen = []
        for index, (row, drawn) in enumerate(zip(rows.tolist(), at.tolist(), strict=True)):
            own = self.rows[row]
            if own.in_closed_cta:
                chosen.append(own.take_cta(ids[index], float(draws[index])))
                continue
            usual = not own.lacking and drawn < ids.shape[1]
            taken = self._take(own, int(ids[index, drawn])) if usual else None
            if taken is None:
                refused = drawn if usual else None
                taken = self._drawn_again(own, ids[index], logits[index], weights[index], float(draws[index]), refused)
            chosen.append(taken)
        return chosen

    def _weights(self, logits: NDArray[np.float64], best: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Weights (..., K) of candidates beside the `best` one: 0 for those below the floor."""
        scaled = (logits - best) / self._temperature
        weights: NDArray[np.float64] = np.exp(scaled) * (scaled > self._log_floor)
        return weights

    def _take(self, row: Row, token: int) -> int | None:
        if self._code[token] & ENDS:
            return row.end() if row.may_end else None
        return row.take(token)

    def _drawn_again(
        self, row: Row, ids: NDArray[np.int64], logits: NDArray[np.float64], weights: NDArray[np.float64], draw: float, refused: int | None
    ) -> int:
        """Draws among the candidates left after `refused`, until one holds; masked ones when some draws did not, or none was possible.

        Where a draw lay within the refused one's share is the next draw: again uniform, and independent of what was refused.
        """
        ladder, alive, tries = np.cumsum(weights), np.ones(len(ids), bool), 0
        while True:
            if refused is not None:
                share = float(weights[refused])
                draw = min(max(1.0 - (float(ladder[refused]) - draw * float(ladder[-1])) / share, 0.0), 1.0 - 1e-12)
                alive[refused], weights[refused] = False, 0.0
                ladder, tries = np.cumsum(weights), tries + 1
            if refused is None or ladder[-1] <= 0 or tries == UNMASKED:
                alive &= self._may_come(row, ids)
                if not alive.any():
                    return row.stuck()
                weights = self._weights(np.where(alive, logits, -np.inf), float(logits[alive].max()))
                ladder = np.cumsum(weights)
            refused = int(np.searchsorted(ladder, draw * ladder[-1], side="right"))
            taken = self._take(row, int(ids[refused]))
            if taken is not None:
                return taken

    def _may_come(self, row: Row, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which candidates (K,) fit the budget, complete the character begun, are no markup, and no figure where no fact has one."""
        code, table = self._code[ids], self._table
        if row.lacking:
            lead = table.lead[ids]
            continues = (lead == row.lacking) | (table.only_lead[ids] & (lead < row.lacking))
            may = continues & table.is_text[ids] & (table.width[ids] <= row.room)
        else:
            figures = 0 if row.has_figures else FIGURE
            may = ((code >> 4) - (code & SPACED if row.fresh else 0) <= row.room) & (code & (WHOLE | figures) == WHOLE)
        for at in np.flatnonzero(ids >= self._text_size):
            may[at] = row.may_point(int(ids[at]))
        return np.asarray(np.where(code & ENDS, row.may_end, may))
