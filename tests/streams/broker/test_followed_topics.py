"""Topics that grow, or are made anew, while they are followed without a group; a broker that is silent."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewPartitions, NewTopic

from agents.overview.tail import Tail
from streams.broker.clients import admin
from streams.broker.follow import RawFollower
from streams.broker.following import changes
from streams.broker.following.changes import FollowedTopics
from streams.broker.following.places import partitions_of
from streams.broker.following.read_on import read_on
from streams.broker.following.silence import Silence
from streams.broker.identity import TopicIdentity
from streams.broker.producer import OutputProducer
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.topics import TopicSpec
from streams.wire.output import Output

ONE = TopicPartition("t", 0)
OTHER = TopicPartition("t", 1)


def test_added_partitions_are_told_once_and_a_topic_that_is_away_may_come_again() -> None:
    topics = FollowedTopics({"a": TopicIdentity("1", 2), "b": TopicIdentity("2", 1)}, 0.0)
    assert topics.compare({"a": TopicIdentity("1", 4)}) == [TopicPartition("a", 2), TopicPartition("a", 3)]
    assert topics.compare({"a": TopicIdentity("1", 4), "b": TopicIdentity("2", 1)}) == []
    with pytest.raises(RefusedError, match="b was created anew: start"):
        topics.compare({"b": TopicIdentity("3", 1)})


def test_silence_is_told_by_answers_and_not_by_what_their_stamps_say() -> None:
    silence = Silence()
    assert silence.longest_s(5.0) == math.inf
    silence.note({ONE: None, OTHER: None}, 10.0)
    silence.note({ONE: 7_000_000, OTHER: 7_000_000}, 11.0)
    silence.note({ONE: 3_400_000, OTHER: 7_000_000}, 14.0)  # the clock was set back by an hour
    assert silence.longest_s(15.0) == 4.0
    silence.note({ONE: 3_400_000, OTHER: 3_401_000}, 16.0)
    assert silence.longest_s(80.0) == 66.0


async def send(settings: Settings, topic: str, *values: tuple[bytes, int]) -> None:
    producer = OutputProducer(settings)
    await producer.start()
    await producer.send([Output(topic, b"k", value, partition) for value, partition in values])
    await producer.stop()


@pytest.mark.broker
def test_new_partitions_are_read_and_a_topic_made_anew_ends_following(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "LOOK_S", 0.05)
    settings, name = Settings(broker=broker), f"followed-{time.time_ns()}"
    taken: list[bytes] = []

    def take(records: Any) -> None:
        taken.extend(each.value for each in records)

    async def until(condition: Any) -> None:
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0.02)

    async def run() -> None:
        async with admin(settings) as client:
            await client.create_topics([NewTopic(name, 2, 1)])
            await send(settings, name, (b"a", 0), (b"b", 1))
            follower = RawFollower(settings, [TopicSpec(name, None, "k", "compact")], take)
            await follower.start()
            await client.create_partitions({name: NewPartitions(4)})
            while len(await partitions_of(settings, [name])) < 4:
                await asyncio.sleep(0.02)
            await send(settings, name, (b"c", 0), (b"d", 3), (b"e", 2))
            await until(lambda: len(taken) >= 5)
            await send(settings, name, (b"f", 3), (b"g", 1))
            await until(lambda: len(taken) >= 7)
            assert sorted(taken) == [b"a", b"b", b"c", b"d", b"e", b"f", b"g"]
            assert follower.silent_s() < 10 and follower.failed is None
            await client.delete_topics([name])
            while name in await client.list_topics():
                await asyncio.sleep(0.05)
            await client.create_topics([NewTopic(name, 4, 1)])
            await send(settings, name, (b"h", 0), (b"i", 0), (b"j", 0))
            await until(lambda: follower.failed is not None)
            assert f"{name} was created anew: start" in str(follower.failed)
            await follower.stop()
            await client.delete_topics([name])

    asyncio.run(run())


@pytest.mark.broker
@pytest.mark.parametrize("way", ["tail", "read_on"])
def test_who_keeps_its_own_place_reads_new_partitions_and_ends_with_a_topic_made_anew(
    broker: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(changes, "LOOK_S", 0.05)
    settings, name = Settings(broker=broker), f"kept-place-{time.time_ns()}"
    taken: list[bytes] = []

    async def tailed() -> None:
        tail = Tail(settings, [name], lambda record: taken.append(record.value), from_start=True)
        await tail.start()
        try:
            while True:
                await asyncio.sleep(0.02)
                tail.check()
        finally:
            await tail.stop()

    async def read() -> None:
        async with read_on(settings, name, {}) as reading:
            async for parts in reading.batches:
                taken.extend(each.value for part in parts for each in part.records)

    async def run() -> None:
        async with admin(settings) as client, asyncio.timeout(60):
            await client.create_topics([NewTopic(name, 1, 1)])
            await send(settings, name, (b"a", 0))
            reader = asyncio.create_task(tailed() if way == "tail" else read())
            while not taken:
                await asyncio.sleep(0.02)
            await client.create_partitions({name: NewPartitions(3)})
            while len(await partitions_of(settings, [name])) < 3:
                await asyncio.sleep(0.02)
            await send(settings, name, (b"b", 2), (b"c", 1), (b"d", 0))
            while len(taken) < 4:
                await asyncio.sleep(0.02)
            assert sorted(taken) == [b"a", b"b", b"c", b"d"]
            await client.delete_topics([name])
            while name in await client.list_topics():
                await asyncio.sleep(0.05)
            await client.create_topics([NewTopic(name, 3, 1)])
            with pytest.raises(RefusedError, match=f"{name} was created anew"):
                await reader
            await client.delete_topics([name])

    asyncio.run(run())
