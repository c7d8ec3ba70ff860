"""How fast events arrive and how far each group is behind, from offsets alone: nothing is consumed."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError

from streams import topics
from streams.broker.clients import client_options, reader_options
from streams.broker.following.places import partitions_of
from streams.settings import Settings
from streams.tasks.cancelled import finished

INPUTS: Final = (topics.IMPRESSION, topics.CLICK, topics.CONVERSION, topics.BEHAVIOR)
"""What counts as an event in events per second."""
APPS: Final = ("profiles", "generator", "catalog", "feedback", "clicks", "renderer")
READS: Final = {
    "profiles": tuple(each.name for each in (*topics.USER_TOPICS, *topics.LINK_TOPICS)),
    "generator": (topics.REQUEST.name,),
    "feedback": (topics.OUTCOME.name,),
    "renderer": (topics.RENDER_REQUEST.name,),
}
"""Topics that belong to a group's lag before it has committed anything there."""


@dataclass(frozen=True)
class GaugeSample:
    """One look at the broker. Rates since the look before; lags of the groups that have committed, in
    records."""

    now_ms: int
    events_per_s: float
    by_topic: dict[str, float] = field(default_factory=dict)
    lag: dict[str, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)  # of the groups that exist: workers that are there
    events: int = 0  # all events that the input topics hold or held


class Gauges:
    """Samples end offsets and committed offsets; use as an async context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._consumer: AIOKafkaConsumer  # made on entry, as the admin client is
        self._admin: AIOKafkaAdminClient
        self._inputs: list[TopicPartition] = []
        self._read: dict[str, list[TopicPartition]] = {}
        self._before: tuple[int, dict[str, int]] | None = None

    async def __aenter__(self) -> Self:
        self._inputs = await partitions_of(self._settings, [topic.name for topic in INPUTS])
        self._read = {app: await partitions_of(self._settings, names) for app, names in READS.items()}
        self._consumer = AIOKafkaConsumer(**reader_options(self._settings))
        self._admin = AIOKafkaAdminClient(**client_options(self._settings))
        try:
            await self._consumer.start()
            await self._admin.start()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await finished(self._admin.close())
        await finished(self._consumer.stop())

    async def sample(self, now_ms: int) -> GaugeSample:
        """Rates are 0 at the first look."""
        totals: dict[str, int] = {t.name: 0 for t in INPUTS}
        for partition, end in (await self._consumer.end_offsets(self._inputs)).items():
            totals[partition.topic] += end
        before, self._before = self._before, (now_ms, totals)
        rates = _rates(before, now_ms, totals)
        lag = {app: n for app in APPS if (n := await self._lag(app)) is not None}
        members = await self.members()
        return GaugeSample(now_ms, round(sum(rates.values()), 1), rates, lag, members, sum(totals.values()))

    async def members(self) -> dict[str, int]:
        """Workers by app; an app whose group does not exist, or has no coordinator yet, is left out."""
        groups = {self._settings.app_id(app): app for app in APPS}
        try:  # one by one: aiokafka 0.14 reads an answer about several groups in another version's format
            answers = [
                each for group in groups for each in await self._admin.describe_consumer_groups([group])
            ]
        except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError):
            return {}
        described = [each for answer in answers for each in answer.groups]
        return {
            groups[group]: len(members)
            for error, group, state, _type, _protocol, members, *_ in described
            if not error and state != "Dead"
        }

    async def _lag(self, app: str) -> int | None:
        """Records between what the group of `app` committed and the end; None when it never committed."""
        positions = await self.positions(app)
        return None if positions is None else sum(max(0, end - at) for at, end in positions.values())

    async def positions(self, app: str) -> dict[TopicPartition, tuple[int, int]] | None:
        """Per partition where the group of `app` goes on, and the end; None when it never committed.

        A partition without a commit counts whole: a group that has just begun is behind there. What retention
        deleted is behind nobody.
        """
        try:
            offsets = await self._admin.list_consumer_group_offsets(self._settings.app_id(app))
        except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError):
            # a new broker makes its offsets topic at this very question; the next look has the answer
            return None
        committed = {tp: meta.offset for tp, meta in offsets.items() if meta.offset >= 0}
        if not committed:
            return None
        places = list({*self._read.get(app, ()), *committed})
        begins = await self._consumer.beginning_offsets(places)
        ends = await self._consumer.end_offsets(places)
        return {tp: (max(begins[tp], committed.get(tp, 0)), ends[tp]) for tp in places}


def _rates(
    before: tuple[int, dict[str, int]] | None, now_ms: int, totals: dict[str, int]
) -> dict[str, float]:
    if before is None or now_ms <= before[0]:
        return dict.fromkeys(totals, 0.0)
    seconds = (now_ms - before[0]) / 1000
    return {
        name: round(max(0, total - before[1].get(name, 0)) / seconds, 1) for name, total in totals.items()
    }
