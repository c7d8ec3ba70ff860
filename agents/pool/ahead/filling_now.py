"""Fills the pool at once, for whoever waits for it: `shiftcast copy fill`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from agents.pool.ahead.filler import ROUNDS, Shares
from agents.pool.ahead.wanting import Wanted, wanted_at
from agents.pool.ahead.writing import FilledPlace, PoolModel, WritingRecipe, write_ahead
from agents.pool.demand import CopyPlace
from agents.pool.view import PoolView
from models.choice.matching import Matcher
from streams import records as r
from streams.mapping.copies import copy_output, key_of_copy
from streams.wire.output import Output

AT_ONCE: Final = 8
"""Places written for in one call."""
HOTTEST: Final = 64
"""Items whose places are all written for before those of others."""
CALL_MS: Final = 600_000.0


@dataclass
class Filled:
    """What came of it. `left`: places for which nothing could be kept."""

    entries: list[r.CopyEntry]
    calls: int = 0
    left: int = 0


async def fill_now(
    places: Sequence[CopyPlace],
    view: PoolView,
    matcher: Callable[[], Matcher | None],
    model: PoolModel,
    recipe: WritingRecipe,
    shares: Shares,
    send: Callable[[Sequence[Output]], Awaitable[None]],
    clock_ms: Callable[[], float],
    advance: Callable[[int], None],
) -> Filled:
    """Write for all places that have room; each entry is stored before the next call. `advance` is told of
    places that are done with."""
    filled = Filled([])
    waiting = list(places)
    for number in range(ROUNDS):
        again: list[CopyPlace] = []
        for few in in_turn(waiting):
            begun_s = time.monotonic()
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


def in_turn(places: Sequence[CopyPlace]) -> Iterator[list[CopyPlace]]:
    """Calls in which no item comes twice: what one writes for an item, the next one knows. All places of the
    HOTTEST first items come before those of the next."""
    of_item: dict[tuple[str, str], list[CopyPlace]] = {}
    for place in places:
        of_item.setdefault(place[:2], []).append(place)
    items = list(of_item.values())
    for start in range(0, len(items), HOTTEST):
        for turn in zip_longest(*items[start : start + HOTTEST]):
            open_ones = [place for place in turn if place is not None]
            for first in range(0, len(open_ones), AT_ONCE):
                yield open_ones[first : first + AT_ONCE]


def _with_room(
    few: Iterable[CopyPlace], view: PoolView, matcher: Matcher | None, copies: int, number: int, now_ms: int
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
    model: PoolModel, wanted: Sequence[Wanted], recipe: WritingRecipe, clock_ms: Callable[[], float]
) -> list[FilledPlace]:
    end_ms = clock_ms() + CALL_MS
    return await asyncio.to_thread(
        write_ahead, model, wanted, recipe, lambda: end_ms - clock_ms(), int(clock_ms())
    )
