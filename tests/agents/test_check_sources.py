"""What `shiftcast check` says of topics that are not what the workers know."""

from __future__ import annotations

import asyncio
import time

import msgspec
import pytest
from aiokafka import TopicPartition

from agents.checks.finding import CheckFinding
from agents.checks.sources import (
    LOST_SHOWN_MS,
    changed_sources,
    lost_before,
    source_findings,
    unread_deleted,
)
from models.row import HEADER
from streams.broker.admin import create
from streams.broker.identity import TopicIdentity
from streams.broker.producer import ChangelogProducer
from streams.lane.memory import LANE_ROW, LaneState, LostRecords
from streams.rows.ownership import NOBODY
from streams.settings import Settings
from streams.topics import CLICK, CONVERSION, OUTCOME, changelog

SETTINGS = Settings(partitions=4)
NOW_MS = 1_795_291_200_000


def lane(topic_id: str = "a", lost: LostRecords | None = None) -> LaneState:
    return LaneState(3, 1, {}, {CLICK.name: topic_id}, {} if lost is None else {CLICK.name: lost})


def topics(topic_id: str = "a", partitions: int = 4) -> dict[str, TopicIdentity]:
    return {CLICK.name: TopicIdentity(topic_id, partitions), CONVERSION.name: TopicIdentity("c", 4)}


def test_topics_as_they_were_are_no_finding() -> None:
    assert changed_sources([lane(), lane()], topics(), SETTINGS) == []


def test_a_topic_made_anew_is_an_error_once_with_the_command() -> None:
    [found] = changed_sources([lane(), lane()], topics("b"), SETTINGS)
    assert found.level == "error" and CLICK.name in found.text
    assert found.repair.startswith("SHIFTCAST_APP_PREFIX=shiftcast-2 shiftcast topics create")


def test_a_topic_that_has_grown_names_the_way_out() -> None:
    [found] = changed_sources([lane()], topics(partitions=6), SETTINGS)
    assert found.level == "error" and f"{CLICK.name} has 6" in found.text
    assert found.repair.startswith("SHIFTCAST_PARTITIONS=6 SHIFTCAST_APP_PREFIX=shiftcast-2 shiftcast topics")


def test_records_deleted_before_a_group_read_them_are_an_error() -> None:
    first, second = (TopicPartition(CLICK.name, n) for n in (0, 1))
    [found] = unread_deleted("shop-profiles", {first: 40, second: 60}, {first: 2_000, second: 60})
    assert (found.level, found.subject) == ("error", CLICK.name)
    assert "1960 records were deleted before shop-profiles read them" in found.text
    assert unread_deleted("g", {first: 40}, {first: 40, second: 9}) == []


def test_what_workers_found_deleted_stays_a_warning_for_a_week() -> None:
    lanes = [
        lane(lost=LostRecords(1_960, NOW_MS - 120_000)),
        lane(lost=LostRecords(40, NOW_MS - 600_000)),
        lane(),
    ]
    [found] = lost_before(lanes, NOW_MS)
    assert found.level == "warning" and "2000 records" in found.text and "2 min ago" in found.text
    assert lost_before(lanes, NOW_MS + LOST_SHOWN_MS) == []


@pytest.mark.broker
def test_check_reads_the_lanes_of_the_broker_at_hand(broker: str) -> None:
    """The last row of a lane says which topics it knows and what it lost."""
    settings = Settings(broker=broker, app_prefix=f"check-{time.time_ns()}")
    other = LaneState(1, 1, {}, {CLICK.name: "of before"}, {CONVERSION.name: LostRecords(7, NOW_MS)})
    state = LaneState(
        2, 1, {}, {CLICK.name: "another"}, {CLICK.name: LostRecords(9, int(time.time() * 1000))}
    )

    counted = LaneState(2, 1, {}, {}, {OUTCOME.name: LostRecords(5, int(time.time() * 1000))})

    async def write(app: str, *states: LaneState) -> None:
        producer = ChangelogProducer(settings, changelog(settings.app_prefix, app).name)
        await producer.start()
        for each in states:
            row = bytes(HEADER.itemsize) + msgspec.msgpack.encode(each)
            await (await producer.send(1, [(b"pu", b"row"), (LANE_ROW, row)], NOBODY.stamped()))
        await producer.stop()

    async def story() -> list[CheckFinding]:
        await create(settings)
        await write("profiles", other, state)
        await write("feedback", counted)
        return await source_findings(settings)

    anew, lost, uncounted = asyncio.run(story())
    assert (uncounted.subject, "5 records" in uncounted.text) == (OUTCOME.name, True)
    assert anew.level == "error" and f"{CLICK.name} was created anew" in anew.text
    assert lost.level == "warning" and lost.subject == CLICK.name and "9 records" in lost.text
