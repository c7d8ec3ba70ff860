"""Clips that wait: one per key, oldest first, acknowledged with the last of their batch, given up when too
many wait."""

from __future__ import annotations

import asyncio

from agents.rendering.clips.queue import ClipQueue, Ours
from streams import records as r
from tests.agents.rendering.requests import request


def clip(n: int) -> r.RenderRequest:
    """Each shows another ad."""
    return request(n, "video_16x9", copy=r.CopyText(f"Headline {n}", "", "Buy"))


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

    async def add(self, requests: list[r.RenderRequest], name: str, ours: Ours | None = None) -> None:
        async def acknowledge() -> None:
            self.acked.append(name)

        await self.queue.add(requests, acknowledge, ours or self.queue.ours())

    async def make(self, asked: r.RenderRequest, ours: Ours) -> None:
        await self.go.wait()
        self.made.append(asked.creative.creative_id[-1] if ours() else "theirs")

    async def run(self) -> None:
        worker = asyncio.create_task(self.queue.work(self.make))
        self.go.set()
        for _ in range(50):
            await asyncio.sleep(0)
        worker.cancel()


def test_a_batch_is_acknowledged_with_its_last_clip() -> None:
    async def story() -> Desk:
        desk = Desk()
        await desk.add([clip(1), clip(2)], "a")
        await desk.add([clip(3)], "b")
        assert desk.acked == []
        await desk.run()
        return desk

    desk = asyncio.run(story())
    assert (desk.made, desk.acked) == (["1", "2", "3"], ["a", "b"])


def test_a_newer_request_takes_the_place_of_an_older_one_of_its_key() -> None:
    async def story() -> Desk:
        desk = Desk()
        await desk.add([clip(1)], "old")
        await desk.add([clip(2), clip(1)], "new")
        assert desk.acked == ["old"]
        await desk.run()
        return desk

    desk = asyncio.run(story())
    assert (desk.made, desk.acked) == (["2", "1"], ["old", "new"])


def test_the_oldest_are_given_up_when_too_many_wait() -> None:
    async def story() -> Desk:
        desk = Desk(most=2)
        await desk.add([clip(1)], "a")
        await desk.add([clip(2), clip(3)], "b")
        await desk.run()
        return desk

    desk = asyncio.run(story())
    assert (desk.late, desk.made, desk.acked) == (1, ["2", "3"], ["a", "b"])


def test_what_waits_when_partitions_go_is_not_acknowledged_here() -> None:
    async def story() -> Desk:
        desk = Desk()
        worker = asyncio.create_task(desk.queue.work(desk.make))
        await desk.add([clip(1)], "being made")
        await desk.add([clip(2)], "waiting")
        await asyncio.sleep(0)
        desk.queue.forget()
        await desk.add([clip(4)], "b")
        desk.go.set()
        for _ in range(50):
            await asyncio.sleep(0)
        worker.cancel()
        return desk

    desk = asyncio.run(story())
    assert (desk.made, desk.acked) == (["theirs", "4"], ["b"])


def test_what_was_delivered_before_partitions_went_is_left_to_their_owner() -> None:
    async def story() -> Desk:
        desk = Desk()
        delivered = desk.queue.ours()
        desk.queue.forget()
        await desk.add([clip(1)], "before", delivered)
        await desk.add([clip(2)], "after")
        await desk.run()
        return desk

    desk = asyncio.run(story())
    assert (desk.made, desk.acked) == (["2"], ["after"])


def test_an_older_request_that_comes_again_does_not_take_the_place_of_a_newer_one() -> None:
    async def story() -> Desk:
        desk = Desk()
        await desk.add([request(1, "video_16x9", version=8)], "newer")
        await desk.add([request(1, "video_16x9", version=7), clip(2)], "older")
        assert desk.acked == [] and len(desk.queue) == 2
        await desk.run()
        return desk

    desk = asyncio.run(story())
    assert (desk.made, desk.acked) == (["1", "2"], ["newer", "older"])


def test_those_that_show_what_was_just_made_come_next() -> None:
    async def story() -> Desk:
        desk = Desk()
        await desk.add([clip(1), clip(2)], "a")
        await desk.add([request(3, "video_16x9", copy=clip(1).creative.copy), clip(4)], "b")
        await desk.run()
        return desk

    desk = asyncio.run(story())
    assert (desk.made, desk.acked) == (["1", "3", "2", "4"], ["a", "b"])
