"""What a lane needs from its worker: what is done, where batches come from, where rows and outputs go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from streams.broker.producer import ChangelogProducer, OutputProducer
from streams.lane.fail_point import FailPoint
from streams.settings import Settings
from streams.wire.output import Output
from streams.wire.view import ConsumedRecord, Workload


@dataclass(frozen=True)
class LaneWork:
    """What is done to each batch."""

    workload: Workload
    settings: Settings
    dead_letter: Callable[[ConsumedRecord, Exception], Output]
    fail_point: FailPoint


class LaneInput(Protocol):
    """The group's member that delivers the batches."""

    @property
    def sources(self) -> Mapping[str, int]:
        """Topic -> fence slot."""

    def pause(self, tp: Any) -> None:
        """Stop fetching a partition."""

    def resume(self, tp: Any) -> None:
        """Fetch it again."""

    async def acknowledge(self, event: Any) -> None:
        """An event is durable."""

    def abandon(self, event: Any) -> None:
        """An event will not be processed here."""

    async def position(self, topic: str, partition: int) -> int:
        """The offset that is fetched next."""

    def is_member(self, generation: int) -> bool:
        """Is the membership of `generation` valid?"""


@dataclass(frozen=True)
class LaneOutput:
    """The two ways out."""

    outputs: OutputProducer
    changelog: ChangelogProducer


@dataclass(frozen=True)
class Surroundings:
    """All a lane needs from its worker."""

    work: LaneWork
    input: LaneInput
    output: LaneOutput
