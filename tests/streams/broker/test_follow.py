"""Following compacted topics: everything before `start` returns, then what comes."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from aiokafka import TopicPartition

from streams import records as r
from streams.broker.admin import create
from streams.broker.follow import Follower
from streams.broker.following.places import partitions_of
from streams.broker.producer import OutputProducer
from streams.broker.read_once import read_firsts, read_topics, until_ends
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.topics import CAMPAIGN, CATALOG, TopicSpec
from streams.wire.codecs import Headers, encode
from streams.wire.output import Output


def campaign(name: str, version: int) -> bytes:
    return encode(
        r.Campaign(
            campaign_id=name, version=version, status="active", advertiser=r.Advertiser(name="Example Ltd")
        )
    )


async def send(settings: Settings, *outputs: Output) -> None:
    producer = OutputProducer(settings)
    await producer.start()
    await producer.send(outputs)
    await producer.stop()


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.mark.broker
def test_start_returns_when_all_is_read_and_the_tail_goes_on(broker: str) -> None:
    settings = Settings(broker=broker)
    prefix = uuid.uuid4().hex[:8]
    live: dict[str, Any] = {}
    rejected: list[str] = []

    def on_record(
        spec: TopicSpec, key: str, record: r.Record | None, headers: Headers, append_ts: int
    ) -> None:
        assert append_ts > 0
        if record is None:
            live.pop(key, None)
        else:
            live[key] = record

    async def run() -> None:
        await create(settings)
        names = [f"{prefix}-{i}" for i in range(12)]
        await send(
            settings,
            *(Output(CAMPAIGN.name, name.encode(), campaign(name, v)) for v in (1, 2) for name in names),
        )
        broken, gone = f"{prefix}-0".encode(), f"{prefix}-1".encode()
        await send(settings, Output(CAMPAIGN.name, broken, b"{"), Output(CAMPAIGN.name, gone, None))
        item = encode(r.CatalogItem(item_id=prefix, title="shoe", url="https://shop.example/1"))
        await send(settings, Output(CATALOG.name, prefix.encode(), item))
        follower = Follower(
            settings,
            [CAMPAIGN, CATALOG],
            on_record,
            wanted=lambda _spec, key: key is not None and key.startswith(prefix.encode()),
            on_rejected=lambda _spec, record, error: rejected.append(f"{record.key.decode()} {error.reason}"),
        )
        await follower.start()
        assert set(live) == {name for name in names if name != gone.decode()} | {prefix}
        assert all(record.version == 2 for key, record in live.items() if key != prefix)
        assert rejected == [f"{prefix}-0 not_json"]
        await send(
            settings,
            Output(CAMPAIGN.name, names[5].encode(), campaign(names[5], 3)),
            Output(CAMPAIGN.name, names[6].encode(), None),
        )
        await until(lambda: live[names[5]].version == 3 and names[6] not in live)
        assert follower.failed is None
        await follower.stop()

    asyncio.run(run())


@pytest.mark.broker
def test_an_error_of_the_callback_is_told_not_swallowed(broker: str) -> None:
    settings = Settings(broker=broker)
    name = uuid.uuid4().hex

    def on_record(
        spec: TopicSpec, key: str, record: r.Record | None, headers: Headers, append_ts: int
    ) -> None:
        raise ZeroDivisionError

    async def run() -> None:
        await create(settings)
        follower = Follower(settings, [CAMPAIGN], on_record, wanted=lambda _spec, key: key == name.encode())
        await follower.start()
        await send(settings, Output(CAMPAIGN.name, name.encode(), campaign(name, 1)))
        await until(lambda: follower.failed is not None)
        assert isinstance(follower.failed, ZeroDivisionError)
        await follower.stop()

    asyncio.run(run())


@pytest.mark.broker
def test_a_missing_topic_is_named_with_what_to_type(broker: str) -> None:
    with pytest.raises(RefusedError, match=r"ads\.nothing\.v1; create with `shiftcast topics create`"):
        asyncio.run(partitions_of(Settings(broker=broker), ["ads.nothing.v1"]))


@pytest.mark.broker
def test_reading_from_a_time_or_one_place(broker: str) -> None:
    settings = Settings(broker=broker)
    name = uuid.uuid4().hex.encode()

    async def run() -> None:
        await create(settings)
        await send(settings, Output(CAMPAIGN.name, name, b"1"))
        await asyncio.sleep(0.05)
        await send(settings, Output(CAMPAIGN.name, name, b"2"))
        mine = [each async for each in read_topics(settings, [CAMPAIGN.name]) if each.key == name]
        assert [each.value for each in mine] == [b"1", b"2"]
        first, second = mine
        late = [
            each
            async for each in read_topics(settings, [CAMPAIGN.name], since_ms=second.timestamp)
            if each.key == name
        ]
        assert [each.value for each in late] == [b"2"]
        other = [p for p in range(4) if p != first.partition]
        assert [
            each
            async for each in read_topics(settings, [CAMPAIGN.name], partitions=other)
            if each.key == name
        ] == []
        here = second.partition
        found = await read_firsts(settings, CAMPAIGN.name, {here: second.offset, 99: 0})
        assert {partition: each.value for partition, each in found.items()} == {here: b"2"}
        every = await read_firsts(settings, CAMPAIGN.name, dict.fromkeys(range(4), 0))
        assert every[here].offset <= first.offset
        assert await read_firsts(settings, CAMPAIGN.name, {here: second.offset + 10_000}) == {}

    asyncio.run(run())


@pytest.mark.broker
def test_a_rejection_without_a_listener_is_logged_and_skipped(
    broker: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(broker=broker)
    name = uuid.uuid4().hex.encode()

    async def run() -> None:
        await create(settings)
        await send(settings, Output(CAMPAIGN.name, name, b"{"))
        follower = Follower(settings, [CAMPAIGN], lambda *_: None, wanted=lambda _spec, key: key == name)
        await follower.start()
        await follower.stop()

    asyncio.run(run())
    assert "not_json" in caplog.text
    assert name.decode() not in caplog.text


class Compacted:
    """A consumer of one partition whose last records compaction took: offsets 0 to 4 of an end at 9."""

    def __init__(self, answers: bool) -> None:
        self.answers = answers
        self.at = 0
        self.polls = 0

    async def position(self, tp: TopicPartition) -> int:
        return self.at

    def last_poll_timestamp(self, tp: TopicPartition) -> int | None:
        return self.polls if self.answers else None

    async def getmany(self, timeout_ms: int) -> dict[TopicPartition, list[int]]:
        self.polls += 1
        if self.polls > 100:
            raise TimeoutError
        if self.at == 5:
            return {}
        self.at += 1
        return {TopicPartition("t", 0): [self.at]}


def test_an_end_that_compaction_took_away_is_an_end() -> None:
    async def run(consumer: Compacted) -> list[int]:
        return [
            record
            async for _tp, records in until_ends(consumer, {TopicPartition("t", 0): 9})
            for record in records
        ]

    assert asyncio.run(run(Compacted(answers=True))) == [1, 2, 3, 4, 5]
    with pytest.raises(TimeoutError):
        asyncio.run(run(Compacted(answers=False)))


@pytest.mark.broker
def test_what_arrives_while_a_follower_starts_is_not_lost(broker: str) -> None:
    settings = Settings(broker=broker)
    prefix = uuid.uuid4().hex[:8]
    seen: set[str] = set()

    async def run() -> None:
        await create(settings)
        follower = Follower(
            settings,
            [CAMPAIGN],
            lambda _spec, key, *_: seen.add(key),
            wanted=lambda _spec, key: key is not None and key.startswith(prefix.encode()),
        )
        names = [f"{prefix}-{i}" for i in range(400)]
        producer = OutputProducer(settings)
        await producer.start()
        sending = asyncio.gather(
            *(producer.send([Output(CAMPAIGN.name, name.encode(), campaign(name, 1))]) for name in names)
        )
        await follower.start()
        await sending
        await until(lambda: seen == set(names))
        await follower.stop()
        await producer.stop()

    asyncio.run(run())
