"""The generator worker on a real broker: killed, stopped, started wrong."""

from __future__ import annotations

import asyncio
import base64
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import confluent_kafka
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka.admin import AdminClient

from agents.generation.answered import Answered
from streams import records as r
from streams import topics
from streams.artifacts.catalog_version import records_of
from streams.artifacts.kinds import artifact_key
from streams.broker.admin import create
from streams.broker.producer import OutputProducer
from streams.broker.read_once import read_topics
from streams.local_broker.server import Broker
from streams.settings import Settings
from streams.wire.codecs import WireLimits, decode, encode, headers
from streams.wire.output import Output
from tests.agents.creatives.generation_fixtures import axis, catalog, request
from tests.workers import PATIENCE_S, Worker

pytestmark = pytest.mark.broker

KILLS = 4
PER_KILL = 200
ANY_TIME = WireLimits(max_event_age_ms=1 << 60, max_ahead_ms=1 << 60)
GROUP = "shiftcast-generator"


@dataclass
class Cluster:
    """A broker with topics, a catalogue and one campaign, and where workers keep their files."""

    settings: Settings
    folder: Path

    def worker(self, name: str, **env: str) -> Worker:
        named = {
            "KAFKA_BROKER": self.settings.broker,
            "SHIFTCAST_COPYWRITER": "stub:20",
            "SHIFTCAST_SESSION_TIMEOUT_S": "6",
        }
        return Worker(
            "agents.generate_creatives", {**named, "SHIFTCAST_INSTANCE_ID": name, **env}, self.folder / name
        )

    async def send(self, outputs: list[Output]) -> None:
        producer = OutputProducer(self.settings)
        await producer.start()
        await producer.send(outputs)
        await producer.stop()

    async def ask(self, first: int, count: int, deadline_ms: int = 60_000) -> list[str]:
        """Send requests of users of their own; their ids."""
        now = int(time.time() * 1_000)
        vector = base64.b64encode(axis(0).astype("<f2").tobytes()).decode()
        asked = [
            request(n, f"user{n}", 1, now + deadline_ms, vector=vector) for n in range(first, first + count)
        ]
        await self.send(
            [
                Output(
                    topics.REQUEST.name,
                    a.user.encode(),
                    encode(a),
                    None,
                    headers(topics.REQUEST.ce_type, a.request_id, now),
                )
                for a in asked
            ]
        )
        return [each.request_id for each in asked]

    async def records(self, spec: topics.TopicSpec) -> list[r.Record]:
        decoded = [
            decode(spec, raw.value, raw.key, raw.headers, raw.timestamp, ANY_TIME)
            async for raw in read_topics(self.settings, [spec.name])
            if raw.value is not None
        ]
        return [each for each in decoded if each is not None]

    async def endings(self) -> list[r.GenerationResult]:
        return [
            each for each in await self.records(topics.GENERATION) if isinstance(each, r.GenerationResult)
        ]

    async def wait_for_endings(self, count: int, timeout_s: float = PATIENCE_S) -> list[r.GenerationResult]:
        deadline = time.monotonic() + timeout_s
        while len(found := await self.endings()) < count and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        return found

    async def uncommitted(self) -> int:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.settings.broker, group_id=GROUP, enable_auto_commit=False
        )
        await consumer.start()
        places = [TopicPartition(topics.REQUEST.name, n) for n in range(self.settings.partitions)]
        ends = await consumer.end_offsets(places)
        committed = {place: await consumer.committed(place) or 0 for place in places}
        await consumer.stop()
        return sum(ends[place] - committed[place] for place in places)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("generator")
    broker = Broker(folder / "broker")
    status = broker.start()
    assert status.address is not None
    made = Cluster(Settings(broker=status.address), folder)

    async def furnish() -> None:
        await create(made.settings)
        template = r.Template(
            "t-native",
            "native",
            "en",
            "{brand}: find your {noun}",
            "{title} for {price}.",
            "Shop now",
            audit=3,
        )
        campaign = r.Campaign(
            "c1", 1, "active", r.Advertiser("Stridewell", ["shop.example"]), templates=[template]
        )
        artifact = [
            Output(topics.ARTIFACT.name, artifact_key(each).encode(), encode(each))
            for each in records_of(catalog())
        ]
        await made.send([*artifact, Output(topics.CAMPAIGN.name, b"c1", encode(campaign))])

    try:
        asyncio.run(furnish())
        yield made
    finally:
        broker.stop()
        broker.wipe()


def test_killed_again_and_again_it_answers_every_request_once(cluster: Cluster) -> None:
    async def story() -> None:
        asked: list[str] = []
        worker = cluster.worker("killed")
        interrupted = 0
        for kill in range(KILLS):
            worker.start().wait_ready()
            asked += await cluster.ask(1 + kill * PER_KILL, PER_KILL)
            await cluster.wait_for_endings(kill * PER_KILL + 1 + 20 * kill)
            worker.kill()
            interrupted += len(await cluster.endings()) < len(asked)
        worker.start().wait_ready()
        try:
            endings = await cluster.wait_for_endings(len(asked))
        finally:
            assert worker.terminate() == 0
        assert Counter(each.request_id for each in endings) == Counter(asked), (
            "each request ends exactly once"
        )
        assert interrupted, "no kill left anything undone: the test proved nothing"
        published = [
            each
            for each in await cluster.records(topics.CREATIVE)
            if isinstance(each, r.Creative) and each.request_id
        ]
        assert Counter(each.creative_id for each in published) == Counter(
            id for each in endings for id in each.creative_ids
        )
        assert all(each.creative_ids for each in endings)
        assert await cluster.uncommitted() == 0, "a stop commits what it answered"

    asyncio.run(story())


def delete_group(client: AdminClient) -> None:
    """As soon as its last member's session is over."""
    deadline = time.monotonic() + 60
    while True:
        try:
            client.delete_consumer_groups([GROUP])[GROUP].result(30)
            return
        except confluent_kafka.KafkaException as error:
            if error.args[0].code() != confluent_kafka.KafkaError.NON_EMPTY_GROUP:
                raise
            assert time.monotonic() < deadline
            time.sleep(0.5)


async def lose_offsets(settings: Settings) -> dict[int, int]:
    """The group is deleted and the first half of each request partition as well; where each begins now."""
    client = AdminClient({"bootstrap.servers": settings.broker})
    ends = {}
    for lane in range(settings.partitions):
        consumer = AIOKafkaConsumer(bootstrap_servers=settings.broker)
        await consumer.start()
        ends[lane] = (await consumer.end_offsets([TopicPartition(topics.REQUEST.name, lane)])).popitem()[1]
        await consumer.stop()
    starts = {lane: end // 2 for lane, end in ends.items()}
    await asyncio.to_thread(delete_group, client)
    places = [confluent_kafka.TopicPartition(topics.REQUEST.name, n, at) for n, at in starts.items()]
    for done in client.delete_records(places).values():
        await asyncio.to_thread(done.result, 30)
    return starts


def test_a_group_that_lost_its_offsets_ends_no_request_twice(cluster: Cluster) -> None:
    """The log begins past 0, the answers lie an hour back: what is left is read again and skipped."""

    async def story() -> None:
        before = len(await cluster.endings())
        worker = cluster.worker("lost").start()
        worker.wait_ready()
        asked = await cluster.ask(20_001, 60)
        await cluster.wait_for_endings(before + len(asked))
        assert worker.terminate() == 0
        starts = await lose_offsets(cluster.settings)
        left = [each for each in await cluster.records(topics.REQUEST) if isinstance(each, r.CreativeRequest)]
        assert left and all(starts.values())
        answered, hour_ms = Answered(cluster.settings), 3_600_000
        await answered.load(dict.fromkeys(starts), int(time.time() * 1_000) + hour_ms)
        assert [each.request_id for each in left if not answered.has_ended(each.request_id)] == []

        worker.start().wait_ready()
        asked += await cluster.ask(21_001, 20)
        await cluster.wait_for_endings(before + len(asked))
        assert worker.terminate() == 0
        ends = Counter(each.request_id for each in await cluster.endings())
        assert {id: n for id, n in ends.items() if n > 1} == {}
        assert set(asked) <= ends.keys()

    asyncio.run(story())


def test_a_request_sent_again_long_after_its_answer_is_known_by_when_its_cause_was_appended(
    cluster: Cluster,
) -> None:
    """Everything is committed: nothing was read at assignment. Then a lane that was down sends it again."""

    async def story() -> None:
        ended = (await cluster.endings())[0]
        first = min([raw.timestamp async for raw in read_topics(cluster.settings, [topics.GENERATION.name])])
        answered, hour_ms = Answered(cluster.settings), 3_600_000
        lanes = range(cluster.settings.partitions)
        await answered.load(dict.fromkeys(lanes, 1 << 40), int(time.time() * 1_000) + hour_ms)
        assert not answered.has_ended(ended.request_id)
        await answered.reach(first - 1)
        assert answered.has_ended(ended.request_id)

    asyncio.run(story())


def test_two_workers_share_the_partitions_and_one_may_leave(cluster: Cluster) -> None:
    async def story() -> None:
        before = len(await cluster.endings())
        stays, leaves = cluster.worker("stays").start(), cluster.worker("leaves").start()
        stays.wait_ready()
        leaves.wait_ready()
        asked = await cluster.ask(10_001, 200)
        assert leaves.terminate() == 0
        asked += await cluster.ask(11_001, 100)
        try:
            endings = await cluster.wait_for_endings(before + len(asked))
        finally:
            assert stays.terminate() == 0
        mine = Counter(each.request_id for each in endings if each.request_id in set(asked))
        assert mine == Counter(asked)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"SHIFTCAST_COPYWRITER": "model", "SHIFTCAST_MODEL_DIR": "/no/such/model"}, "SHIFTCAST_MODEL_DIR"),
        ({"SHIFTCAST_COPYWRITER": "magic"}, "SHIFTCAST_COPYWRITER"),
        ({"SHIFTCAST_PARTITIONS": "3"}, "SHIFTCAST_PARTITIONS"),
        ({"KAFKA_BROKER": "127.0.0.1:9", "SHIFTCAST_BROKER_WAIT_S": "0"}, "shiftcast broker start"),
    ],
)
def test_a_wrong_start_ends_with_one_line_that_says_what_to_type(
    cluster: Cluster, env: dict[str, str], says: str
) -> None:
    worker = cluster.worker("wrong-" + str(abs(hash(says))), **env).start()
    assert worker.wait_gone() == 1
    lines = [line for line in worker.said().splitlines() if line.startswith("shiftcast: ")]
    [why] = [line for line in lines if ": metrics on http" not in line]
    assert says in why
    assert "Traceback" not in worker.said()
