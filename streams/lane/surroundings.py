"""What a lane needs from its worker: what is done, where batches come from, where rows and outputs go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from streams.broker.producer import ChangelogProducer, OutputProducer
from streams.lane.fail_point import FailPoint
from streams.settings import Settings
from streams.wire.output import Output
from streams.wire.view import ConsumedRecord, Workload


class LaneStanding(Enum):
    """What a member of the group knows of its lanes."""

    OWNER = "the coordinator has confirmed it within the session"
    UNCERTAIN = "the coordinator does not answer: nobody can have taken the lanes, or somebody has"
    LOST = "the coordinator no longer knows this member"


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
    def sources(self) -> Mapping[str, int | None]:
        """Topic -> fence slot, None = it has none."""

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

    def standing(self, generation: int) -> LaneStanding:
        """What is known of the membership of `generation`."""

    async def changelog_end(self, partition: int) -> int:
        """Offset behind the last record of the lane's changelog. Raises KafkaError."""


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
