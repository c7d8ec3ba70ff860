"""Choosing the next token of many copies at once: one draw for all rows, and what is drawn is read letter by
letter before it comes.

Most draws hold. Where one does not, the row's candidates are masked and it draws again among those left,
which is a draw from the model's distribution given everything that may come.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from models.copywriter.layout import CopyLayout
from models.copywriter.row import CopyRow
from models.copywriter.token_table import ASK, NEVER, TokenTable, place_of

UNMASKED = 3
"""Draws of a row and step before its candidates are masked."""


class Writing:
    """The chooser of one call: `candidates` rows for each layout. What a row gets depends on its own past and
    draws alone."""

    def __init__(
        self,
        table: TokenTable,
        layouts: Sequence[CopyLayout],
        candidates: int,
        temperature: float,
        floor: float,
        least: float = 0.0,
    ) -> None:
        """`floor`: share of the best candidate's chance below which none is drawn. `least`: the same share,
        before the temperature, of the model's own first choice, at most `floor`: a row gives up where all
        that may come falls below it, what followed would be nonsense.
        """
        self._temperature, self._log_floor, self._log_least = (
            temperature,
            math.log(floor),
            math.log(least) if least else -math.inf,
        )
        self.rows = [CopyRow(layout, table) for layout in layouts for _ in range(candidates)]
        self._ends = frozenset(token for layout in layouts for token in layout.ends) | table.breaks
        self._costs = table.costs.copy()
        self._costs[:, sorted(self._ends.union(*(layout.pointers for layout in layouts)))] = ASK
        self._begins, self._possible = self._possible_of(layouts, candidates)

    def _possible_of(
        self, layouts: Sequence[CopyLayout], candidates: int
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Whether a token may come at all, kind of row after kind, and where each row's kind begins: pointers
        of others take no draw."""
        kinds = {
            pointers: number
            for number, pointers in enumerate(dict.fromkeys(frozenset(layout.pointers) for layout in layouts))
        }
        possible = np.tile(self._costs[place_of(True, False, 0)] < NEVER, (len(kinds), 1))
        every = frozenset[int]().union(*kinds)
        for pointers, number in kinds.items():
            possible[number, sorted(every - pointers)] = False
        begins = (
            np.array([kinds[frozenset(layout.pointers)] for layout in layouts], np.int64) * possible.shape[1]
        )
        return np.repeat(begins, candidates), possible.ravel()

    def choose(
        self,
        rows: NDArray[np.int64],
        top_logits: NDArray[np.float32],
        top_ids: NDArray[np.int64],
        step: int,
        draws: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        """The next id of each live row, STOP for one that is finished or cannot go on (its `why` says so)."""
        logits = top_logits.astype(np.float64)
        scaled = (logits - logits[:, :1]) / self._temperature
        weights = np.where(
            (scaled > self._log_floor) & self._possible.take(self._begins[rows][:, None] + top_ids),
            np.exp(scaled),
            0.0,
        )
        sums = np.log(np.exp(logits - logits[:, :1]).sum(axis=1))
        ladders = weights.cumsum(axis=1)
        drawn = (ladders > draws[:, None] * ladders[:, -1:]).argmax(
            axis=1
        )  # 0, which weighs nothing, where none is possible
        chosen = []
        for at, (number, index, draw) in enumerate(
            zip(rows.tolist(), drawn.tolist(), draws.tolist(), strict=True)
        ):
            row = self.rows[number]
            token = row.forced()
            if token is None and row.in_closed_cta:
                token = row.take_cta(top_ids[at].tolist(), draw)
            free = token is None
            usual = token is None and not row.lacking and weights.item(at, index) > 0
            if usual:
                token = self._take(row, top_ids.item(at, index))
            if token is None:
                token = self._drawn_again(
                    row, top_ids[at], logits[at], weights[at].tolist(), draw, index if usual else None
                )
            if free and token >= 0:
                self._weigh(row, token, top_ids[at], logits[at], sums.item(at))
            chosen.append(token)
        return np.array(chosen, np.int64)

    @staticmethod
    def _weigh(
        row: CopyRow, token: int, ids: NDArray[np.int64], logits: NDArray[np.float64], log_sum: float
    ) -> None:
        """Enters how likely the model itself, unheated, found a token it was asked for."""
        (places,) = (ids == token).nonzero()
        if places.size:
            row.log_chances.append(logits.item(places.item(0)) - logits.item(0) - log_sum)

    def _take(self, row: CopyRow, token: int) -> int | None:
        if token in self._ends:
            return row.end() if row.may_end else None
        return row.take(token)

    def _drawn_again(
        self,
        row: CopyRow,
        ids: NDArray[np.int64],
        logits: NDArray[np.float64],
        weights: list[float],
        draw: float,
        refused: int | None,
    ) -> int:
        """Draws among the candidates left after `refused`, until one holds; masked ones when some draws did
        not, or none was possible.

        Where a draw lay within the refused one's share is the next draw: again uniform, and independent of
        what was refused.
        """
        ladder, gone = list(accumulate(weights)), list[int]()
        while True:
            if refused is not None:
                draw = min(
                    max(1.0 - (ladder[refused] - draw * ladder[-1]) / weights[refused], 0.0), 1.0 - 1e-12
                )
                weights[refused] = 0.0
                gone.append(refused)
                ladder = list(accumulate(weights))
            if refused is None or ladder[-1] <= 0 or len(gone) == UNMASKED:
                may = self._may_come(row, ids)
                for at in gone:
                    may[at] = False
                best = int(may.argmax())
                if not may[best]:
                    return row.stuck()
                if logits[best] - logits[0] < self._log_least:
                    return row.give_up()
                weights = self._weights(logits, may, best)
                ladder = list(accumulate(weights))
            refused = bisect_right(ladder, draw * ladder[-1])
            taken = self._take(row, ids.item(refused))
            if taken is not None:
                return taken

    def _weights(self, logits: NDArray[np.float64], may: NDArray[np.bool_], best: int) -> list[float]:
        """Weights (K,) of candidates that may come, beside the `best`, which is the first of them: 0 for
        those below the floor."""
        scaled = (logits[best:] - logits[best]) / self._temperature
        weights: list[float] = np.where(may[best:] & (scaled > self._log_floor), np.exp(scaled), 0.0).tolist()
        return [0.0] * best + weights

    def _may_come(self, row: CopyRow, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which candidates (K,) fit the budget, complete the character begun, are no markup, and no figure
        where no fact has one."""
        costs = self._costs[place_of(row.has_figures, row.fresh, row.lacking)][ids]
        may = costs <= row.room
        for at in (costs == ASK).nonzero()[0].tolist():
            token = ids.item(at)
            may[at] = row.may_end if token in self._ends else row.may_point(token)
        return may
