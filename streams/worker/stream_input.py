"""Where the lanes of a worker get their batches: its agent's stream and the consumer behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faust.types import TP


@dataclass(frozen=True)
class StreamInput:
    """See streams.lane.surroundings.LaneInput."""

    consumer: Any
    stream: Any
    sources: Mapping[str, int]

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

    def is_member(self, generation: int) -> bool:
        member: bool = self.consumer.is_member(generation)
        return member
