"""Writes copy ahead while nobody waits for the copywriter: misses first, then what the hottest items lack.

A request that comes takes the copywriter back at its next token; what was being written is begun again later.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from agents.pool.ahead.wanting import Wanted, copy_places_of, offered_by, wanted_at
from agents.pool.ahead.writing import FilledPlace, PoolModel, WritingRecipe, write_ahead
from agents.pool.demand import CopyPlace, Demand
from agents.pool.view import PoolView
from models.choice.matching import Matcher
from models.choice.request_queue import drafts_in_time
from streams.loud_end import line_of
from streams.mapping.copies import copy_output, key_of_copy
from streams.wire.output import Output

log = logging.getLogger(__name__)

AT_ONCE: Final = 4
"""Places written for in one call, at most."""
WAIT_MS: Final = 500.0
"""A call that takes longer is halved the next time: a request may come before its first token."""
CALL_MS: Final = 20_000.0
"""A call that takes longer is given up: its places are too much for this machine."""
ROUNDS: Final = 3
"""A place for which so many calls gave nothing to keep is left alone until its worker starts again."""
ROUND_MS: Final = 60_000.0
"""So often a round begins with what is hottest by then."""
LOOKED_AT: Final = 500
"""Places looked at before other things have their turn."""
PAUSE_S: Final = 0.2
REST_S: Final = 10.0
"""Nothing lacks copy, or the copywriter failed: looked at again so long after."""


@dataclass(frozen=True)
class Shares:
    """How many copies a place should have, and what part of a core writing them may take."""

    copies: int
    core: float


class Filler:
    """Runs in the event loop; the copywriter's calls in a thread."""

    def __init__(
        self,
        view: PoolView,
        demand: Demand,
        recipe: WritingRecipe,
        shares: Shares,
        model: Callable[[], PoolModel | None],
        matcher: Callable[[], Matcher | None],
        owns: Callable[[str], bool],
        requests_wait: Callable[[], bool],
        send: Callable[[Sequence[Output]], Awaitable[None]],
        clock_ms: Callable[[], float],
        passed: Callable[[str], None] = lambda _step: None,
    ) -> None:
        """`model`: None while what is in force is not what this worker has loaded."""
        self._view = view
        self._demand = demand
        self._recipe = recipe
        self._shares = shares
        self._model = model
        self._matcher = matcher
        self._owns = owns
        self._requests_wait = requests_wait
        self._send = send
        self._clock_ms = clock_ms
        self._passed = passed
        self._tried: Counter[CopyPlace] = Counter()
        self._places: Iterator[CopyPlace] | None = None  # of the round over all that is offered
        self._begun_ms = 0.0
        self._at_once = AT_ONCE

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if self._requests_wait():
                await asyncio.sleep(PAUSE_S)
                continue
            begun_s = time.monotonic()
            wrote = await self.turn()
            spent_s = time.monotonic() - begun_s
            await asyncio.sleep(spent_s * (1 / self._shares.core - 1) if wrote else REST_S)

    async def turn(self) -> bool:
        """One call of the copywriter. False when nothing lacks copy, or it failed."""
        model, matcher = self._model(), self._matcher()
        if model is None or matcher is None:
            return False
        wanted = await self._next(matcher)
        if not wanted:
            return False
        now_ms, begun_s = int(self._clock_ms()), time.monotonic()

        def remaining_ms() -> float:
            return 0.0 if self._requests_wait() else CALL_MS - (time.monotonic() - begun_s) * 1_000

        try:
            made = await asyncio.to_thread(write_ahead, model, wanted, self._recipe, remaining_ms, now_ms)
        except Exception as error:  # whatever its runtime raises
            log.warning("copy is not written ahead for %.0f s: %s", REST_S, line_of(error))
            return False
        took_ms = (time.monotonic() - begun_s) * 1_000
        self._at_once = drafts_in_time(self._at_once, len(wanted), took_ms, WAIT_MS, AT_ONCE)
        await self._keep(made)
        return True

    async def _keep(self, made: Sequence[FilledPlace]) -> None:
        for each in made:
            if each.done and not each.entries:
                self._tried[each.wanted.place] += 1
            if not each.done:
                self._demand.want(each.wanted.place)
        entries = [entry for each in made for entry in each.entries]
        if not entries:
            return
        self._passed("copy_judged")
        now_ms = int(self._clock_ms())
        await self._send([copy_output(entry, now_ms) for entry in entries])
        self._passed("copy_acked")
        for entry in entries:  # before it comes back: its place is not written for again
            self._view.take(key_of_copy(entry), entry)

    async def _next(self, matcher: Matcher) -> list[Wanted]:
        """Places that have room, as many as one call takes."""
        now_ms = self._clock_ms()
        found: dict[CopyPlace, Wanted] = {}
        for place in self._demand.next_missed(self._at_once):
            self._look(place, matcher, found)
        if self._places is None or not 0 <= now_ms - self._begun_ms <= ROUND_MS:
            self._places, self._begun_ms = self._round(matcher), now_ms
        looked_at = 0
        while len(found) < self._at_once and not self._view.is_full:
            next_place = next(self._places, None)
            if next_place is None:
                self._places = None
                break
            self._look(next_place, matcher, found)
            looked_at += 1
            if looked_at % LOOKED_AT == 0:
                await asyncio.sleep(0)
        return list(found.values())

    def _round(self, matcher: Matcher) -> Iterator[CopyPlace]:
        for campaign_id, item_id in offered_by(matcher, self._demand.hottest(), self._owns):
            yield from copy_places_of(matcher.campaigns[campaign_id], item_id)

    def _look(self, place: CopyPlace, matcher: Matcher, found: dict[CopyPlace, Wanted]) -> None:
        """Add a place that has room."""
        tried = self._tried[place]
        if place in found or tried >= ROUNDS:
            return
        entries = self._view.of((place.campaign_id, place.item_id))
        wanted = wanted_at(place, matcher, entries, self._shares.copies, tried, int(self._clock_ms()))
        if wanted is not None:
            found[place] = wanted
