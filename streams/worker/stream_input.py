"""Where the lanes of a worker get their batches: its agent's stream and the consumer behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faust.types import TP

from streams.lane.surroundings import LaneStanding


@dataclass(frozen=True)
class StreamInput:
    """See streams.lane.surroundings.LaneInput."""

    consumer: Any
    stream: Any
    sources: Mapping[str, int | None]
    changelog_topic: str

    def pause(self, tp: TP) -> None:
        self.consumer.on_buffer_full(tp)

    def resume(self, tp: TP) -> None:
        self.consumer.on_buffer_drop(tp)

    async def acknowledge(self, event: Any) -> None:
        await self.stream.ack(event)

    def abandon(self, event: Any) -> None:
        self.consumer.abandon(event.message)

    async def position(self, topic: str, partition: int) -> int:
        return int(await self.consumer.position(TP(topic, partition)) or 0)

    def standing(self, generation: int) -> LaneStanding:
        standing: LaneStanding = self.consumer.membership.standing(generation)
        return standing

    async def changelog_end(self, partition: int) -> int:
        tp = TP(self.changelog_topic, partition)
        return int((await self.consumer.highwaters(tp)).get(tp) or 0)
