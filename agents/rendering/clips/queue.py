"""Clips wait here while pictures are drawn: a clip takes seconds, a picture a hundredth of one."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agents.creatives.pictures import content_of
from models.clip.looks import clip_layouts
from streams import records as r
from streams.wire.topic_codec import creative_key

MOST: Final = 200
"""Requests that wait; beyond it the oldest are given up: a clip that late is of little use."""
Acknowledge = Callable[[], Awaitable[Any]]
Ours = Callable[[], bool]
"""Whether a request is still this worker's: partitions that were given up are answered by who got them."""


def newest(requests: Sequence[r.RenderRequest], now_ms: int) -> list[r.RenderRequest]:
    """Of each key the last request whose creative may still be shown, in their order."""
    last = {creative_key(each.creative): each for each in requests}
    return [each for each in last.values() if each.creative.expires > now_ms]


def parted_requests(
    requests: Sequence[r.RenderRequest],
) -> tuple[list[r.RenderRequest], list[r.RenderRequest]]:
    """Those of clips, those of pictures."""
    clips: list[r.RenderRequest] = []
    pictures: list[r.RenderRequest] = []
    for each in requests:
        (clips if each.creative.slot in clip_layouts() else pictures).append(each)
    return clips, pictures


async def acknowledged_before() -> None:
    """The batch of what is asked for once more went long ago."""


@dataclass
class _Batch:
    """A batch is acknowledged when its last clip is answered."""

    acknowledge: Acknowledge
    open: int

    async def answered(self) -> None:
        self.open -= 1
        if not self.open:
            await self.acknowledge()


class ClipQueue:
    """The newest request of each key, oldest first. `late` is told of each that is given up."""

    def __init__(self, late: Callable[[], None], most: int = MOST) -> None:
        self._late = late
        self._most = most
        self._waiting: OrderedDict[str, tuple[r.RenderRequest, _Batch]] = OrderedDict()
        self._there = asyncio.Event()
        self._era = 0
        self._making = ""  # key of the clip

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def unanswered(self) -> int:
        """Those that wait, and the one that is being made."""
        return len(self._waiting) + bool(self._making)

    def holds(self, request: r.RenderRequest) -> bool:
        """Whether one of the same key waits, which is newer than one that was taken from here."""
        return creative_key(request.creative) in self._waiting

    def is_turn(self, request: r.RenderRequest) -> bool:
        """Whether no other of its key waits or is being made, which would be answered behind it."""
        return not self.holds(request) and creative_key(request.creative) != self._making

    def ours(self) -> Ours:
        """Of what is delivered now."""
        era = self._era
        return lambda: era == self._era

    async def add(self, requests: Sequence[r.RenderRequest], acknowledge: Acknowledge, ours: Ours) -> None:
        """What is left to make of one batch, each of another key; what is not `ours` any more is left to its
        owner."""
        if not ours():
            return
        if not requests:
            await acknowledge()
            return
        batch = _Batch(acknowledge, len(requests))
        for request in requests:
            key = creative_key(request.creative)
            waiting = self._waiting.get(key)
            if waiting is not None and waiting[0].creative.version > request.creative.version:
                await batch.answered()  # it was asked for before what waits, and comes again
                continue
            self._waiting.pop(key, None)
            self._waiting[key] = (request, batch)
            if waiting is not None:
                await waiting[1].answered()
        while len(self._waiting) > self._most:
            _, (_, oldest) = self._waiting.popitem(last=False)
            self._late()
            await oldest.answered()
        if self._waiting:
            self._there.set()

    def forget(self) -> None:
        """Partitions go to others: what waits is delivered to them, and nothing of it is acknowledged
        here."""
        self._waiting.clear()
        self._there.clear()
        self._era += 1

    async def work(self, make: Callable[[r.RenderRequest, Ours], Awaitable[None]]) -> None:
        """Makes one after the other, for ever; what is not ours any more when it is made must not go out.
        Those that show what was just made come next: the store has it now."""
        content = ""
        while True:
            await self._there.wait()
            key = self._next(content)
            request, batch = self._waiting.pop(key)
            if not self._waiting:
                self._there.clear()
            ours, self._making, content = self.ours(), key, content_of(request)
            await make(request, ours)
            if ours():
                await batch.answered()
            self._making = ""

    def _next(self, content: str) -> str:
        """Key of the first that shows this content, else of the oldest."""
        alike = (key for key, (each, _) in self._waiting.items() if content_of(each) == content)
        return next(alike, next(iter(self._waiting)))
