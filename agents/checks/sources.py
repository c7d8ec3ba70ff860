"""The topics that workers read against what the workers know of them: made anew, grown, emptied before they
were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError

from agents.checks.finding import CheckFinding
from agents.overview.gauges import READS
from models.row import HEADER
from streams.broker.admin import wanted_topics
from streams.broker.clients import admin
from streams.broker.identity import TopicIdentity, identify_cluster
from streams.broker.read_once import first_offsets, read_last
from streams.broker.source_change import created_anew, made_anew, wrong_partitions
from streams.lane.memory import LANE_ROW, LaneState, LostRecords
from streams.settings import Settings
from streams.topics import DAY_MS, TABLES, changelog
from streams.unix_time import unix_ms

LOST_SHOWN_MS = 7 * DAY_MS
"""A loss stays a warning for so long."""
_TAIL = 100
"""Records of a changelog partition among whose last the lane's own row stands: each flush ends with it."""


async def source_findings(settings: Settings) -> list[CheckFinding]:
    """What a worker would refuse, or has lost. Raises KafkaError."""
    counted = [spec.name for spec in wanted_topics(settings) if spec.partitions is None]
    async with admin(settings) as client:
        now = (await identify_cluster(client, counted)).topics
        committed = {app: await _committed(client, settings.app_id(app)) for app in READS}
    lanes = await _lanes(settings)
    begins = await first_offsets(settings, sorted({name for names in READS.values() for name in names}))
    found = changed_sources(lanes, now, settings)
    for app, offsets in committed.items():
        found += unread_deleted(settings.app_id(app), offsets, begins)
    return found + lost_before(lanes, unix_ms())


async def _committed(client: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    try:
        offsets = await client.list_consumer_group_offsets(group)
    except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError):
        return {}  # a new broker makes its offsets topic at this very question: nothing is committed there
    return {tp: each.offset for tp, each in offsets.items() if each.offset >= 0}


async def _lanes(settings: Settings) -> list[LaneState]:
    """What each lane of every app with rows wrote of itself last."""
    states: dict[tuple[str, int], LaneState] = {}
    for app in TABLES:
        async for record in read_last(settings, changelog(settings.app_prefix, app).name, _TAIL):
            if record.key == LANE_ROW and record.value is not None:
                payload = record.value[HEADER.itemsize :]
                states[app, record.partition] = msgspec.msgpack.decode(payload, type=LaneState)
    return list(states.values())


def changed_sources(
    lanes: Iterable[LaneState], now: Mapping[str, TopicIdentity], settings: Settings
) -> list[CheckFinding]:
    """Topics with another id than the rows know, or with another partition count than is set."""
    ids = {name: each.topic_id for name, each in now.items()}
    lines = {created_anew(anew, settings) for lane in lanes if (anew := made_anew(lane.topic_ids, ids))}
    if wrong := wrong_partitions({name: each.partitions for name, each in now.items()}, settings):
        lines.add(wrong)
    return [_refused(line) for line in sorted(lines)]


def _refused(line: str) -> CheckFinding:
    """A worker's refusal as a finding: what stands in backquotes is the command."""
    said, _, repair = line.partition("`")
    return CheckFinding("error", "sources", said.rstrip(" :"), repair.replace("`", ""))


def unread_deleted(
    group: str, committed: Mapping[TopicPartition, int], begins: Mapping[TopicPartition, int]
) -> list[CheckFinding]:
    """Records between what a group has read and what its topics still hold."""
    gone: dict[str, int] = {}
    for tp, offset in committed.items():
        if tp in begins and begins[tp] > offset:
            gone[tp.topic] = gone.get(tp.topic, 0) + begins[tp] - offset
    repair = "start the workers of this group; raise retention.ms of the topic"
    return [
        CheckFinding("error", topic, f"up to {count} records were deleted before {group} read them", repair)
        for topic, count in gone.items()
    ]


def lost_before(lanes: Iterable[LaneState], now_ms: int) -> list[CheckFinding]:
    """What workers found deleted in the last days, by topic."""
    lost: dict[str, list[LostRecords]] = {}
    for lane in lanes:
        for topic, each in lane.lost.items():
            if now_ms - each.last_ms < LOST_SHOWN_MS:
                lost.setdefault(topic, []).append(each)
    repair = "raise retention.ms of the topic, or start more workers"
    return [
        CheckFinding(
            "warning",
            topic,
            f"up to {sum(each.records for each in found)} records were deleted before they were read, the "
            f"last {(now_ms - max(each.last_ms for each in found)) // 60_000} min ago: they count nowhere",
            repair,
        )
        for topic, found in sorted(lost.items())
    ]
