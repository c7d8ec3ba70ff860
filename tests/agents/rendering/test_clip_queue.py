"""Clips that wait: one per key, oldest first, acknowledged with the last of their batch, given up when too
many wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agents.rendering.clips.queue import ClipQueue
from streams import records as r
from tests.agents.rendering.requests import request


def clip(n: int) -> r.RenderRequest:
    return request(n, "video_16x9")


class Desk:
    """Counts what happens; clips are made when told."""

    def __init__(self, most: int = 10) -> None:
        self.late = 0
        self.acked: list[str] = []
        self.made: list[str] = []
        self.go = asyncio.Event()
        self.queue = ClipQueue(self._late, most)

    def _late(self) -> None:
        self.late += 1

    def ack(self, name: str) -> Callable[[], Awaitable[None]]:
        async def acknowledge() -> None:
            self.acked.append(name)

        return acknowledge

    async def make(self, asked: r.RenderRequest) -> None:
        await self.go.wait()
        self.made.append(asked.creative.creative_id[-1])

    async def run(self) -> None:
        worker = asyncio.create_task(self.queue.work(self.make))
        self.go.set()
        for _ in range(50):
            await asyncio.sleep(0)
        worker.cancel()


def test_a_batch_is_acknowledged_with_its_last_clip() -> None:
    async def story() -> Desk:
        desk = Desk()
        await desk.queue.add([clip(1), clip(2)], desk.ack("a"))
        await desk.queue.add([clip(3)], desk.ack("b"))
        assert desk.acked == []
        await desk.run()
        return desk

    desk = asyncio.run(story())
    assert (desk.made, desk.acked) == (["1", "2", "3"], ["a", "b"])


def test_a_newer_request_takes_the_place_of_an_older_one_of_its_key() -> None:
    async def story() -> Desk:
        desk = Desk()
        await desk.queue.add([clip(1)], desk.ack("old"))
        await desk.queue.add([clip(2), clip(1)], desk.ack("new"))
        assert desk.acked == ["old"]
        await desk.run()
        return desk

    desk = asyncio.run(story())
    assert (desk.made, desk.acked) == (["2", "1"], ["old", "new"])


def test_the_oldest_are_given_up_when_too_many_wait() -> None:
    async def story() -> Desk:
        desk = Desk(most=2)
        await desk.queue.add([clip(1)], desk.ack("a"))
        await desk.queue.add([clip(2), clip(3)], desk.ack("b"))
        await desk.run()
        return desk

    desk = asyncio.run(story())
    assert (desk.late, desk.made, desk.acked) == (1, ["2", "3"], ["a", "b"])


def test_what_waits_when_partitions_go_is_not_acknowledged_here() -> None:
    async def story() -> Desk:
        desk = Desk()
        worker = asyncio.create_task(desk.queue.work(desk.make))
        await desk.queue.add([clip(1)], desk.ack("being made"))
        await desk.queue.add([clip(2)], desk.ack("waiting"))
        await asyncio.sleep(0)
        desk.queue.forget()
        await desk.queue.add([clip(4)], desk.ack("b"))
        desk.go.set()
        for _ in range(50):
            await asyncio.sleep(0)
        worker.cancel()
        return desk

    desk = asyncio.run(story())
    assert (desk.made, desk.acked) == (["1", "4"], ["b"])
