"""Fills the pool at once, for whoever waits for it: `shiftcast copy fill`."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from agents.pool.ahead.filler import ROUNDS, Shares
from agents.pool.ahead.wanting import Wanted, wanted_at
from agents.pool.ahead.writing import Made, PoolModel, Recipe, write_ahead
from agents.pool.demand import Place
from agents.pool.view import PoolView
from models.choice.matching import Matcher
from streams import records as r
from streams.mapping.copies import copy_output, key_of_copy
from streams.wire.output import Output

AT_ONCE: Final = 8
"""Places written for in one call."""
CALL_MS: Final = 600_000.0


@dataclass
class Filled:
    """What came of it. `left`: places for which nothing could be kept."""

    entries: list[r.CopyEntry]
    calls: int = 0
    left: int = 0


async def fill_now(
    places: Sequence[Place],
    view: PoolView,
    matcher: Callable[[], Matcher | None],
    model: PoolModel,
    recipe: Recipe,
    shares: Shares,
    send: Callable[[Sequence[Output]], Awaitable[None]],
    clock_ms: Callable[[], float],
    advance: Callable[[int], None],
) -> Filled:
    """Write for all places that have room; each entry is stored before the next call. `advance` is told of
    places that are done with."""
    filled = Filled([])
    waiting = in_turn(places)
    for number in range(ROUNDS):
        again: list[Place] = []
        for start in range(0, len(waiting), AT_ONCE):
            few, begun_s = waiting[start : start + AT_ONCE], time.monotonic()
            wanted = _with_room(few, view, matcher(), shares.copies, number, int(clock_ms()))
            made = await _write(model, wanted, recipe, clock_ms) if wanted else []
            entries = [entry for each in made for entry in each.entries]
            await send([copy_output(entry, int(clock_ms())) for entry in entries])
            for entry in entries:
                view.take(key_of_copy(entry), entry)
            filled.entries += entries
            filled.calls += bool(wanted)
            empty = [each.wanted.place for each in made if not each.entries]
            again += empty
            advance(len(few) - len(empty))
            if wanted:
                await asyncio.sleep((time.monotonic() - begun_s) * (1 / shares.core - 1))
        waiting = again
    advance(len(waiting))
    filled.left = len(waiting)
    return filled


def in_turn(places: Sequence[Place]) -> list[Place]:
    """The first place of each item, then the second: what one call writes for an item, the next one knows."""
    rank: Counter[tuple[str, str]] = Counter()
    ranked = []
    for place in places:
        ranked.append((rank[place[:2]], place))
        rank[place[:2]] += 1
    return [place for _, place in sorted(ranked, key=lambda each: each[0])]


def _with_room(
    few: Iterable[Place], view: PoolView, matcher: Matcher | None, copies: int, number: int, now_ms: int
) -> list[Wanted]:
    """Looked at right before they are written: others write too."""
    if matcher is None:
        return []
    found = (
        wanted_at(each, matcher, view.of((each.campaign_id, each.item_id)), copies, number, now_ms)
        for each in few
    )
    return [each for each in found if each is not None]


async def _write(
    model: PoolModel, wanted: Sequence[Wanted], recipe: Recipe, clock_ms: Callable[[], float]
) -> list[Made]:
    end_ms = clock_ms() + CALL_MS
    return await asyncio.to_thread(
        write_ahead, model, wanted, recipe, lambda: end_ms - clock_ms(), int(clock_ms())
    )
