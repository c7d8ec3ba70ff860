"""W3's parts: users with a past, an open-loop driver, a plain consumer with a stopwatch, and the check that
no profile update was lost."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, Producer
from confluent_kafka import TopicPartition as Place

from agents.demo.wire import AGREES_TO_ALL, consent_of, record_of
from models.interest.profile import PROFILE
from models.world.traffic import EVENTS_PER_VISIT, WORLD_DAY_MS, Act, Traffic, TrafficPlan
from streams import records as r
from streams import topics
from streams.mapping.catalog_items import item_of
from streams.rows.rows_on_disk import LaneStore, open_rows
from streams.rows.sparse_rows import unpacked_bytes
from streams.settings import Settings
from streams.topics import TopicSpec

COUNTED = {"impression": "n_imp", "click": "n_click", "conversion": "n_conv"}
"""Acts that a profile row counts exactly."""
QUIET_S = 3.0
DRAIN_S = 60.0

STAGES = ("append", "profile", "fetch", "queue", "model", "ending", "publish", "deliver")
"""Where the milliseconds of a creative go: intended send -> the event is stored -> its request is stored ->
the generator has it -> it is taken -> the model has written -> the answer is made -> the creative is stored
-> a consumer has it."""

_creative = msgspec.json.Decoder(r.Creative)
_request = msgspec.json.Decoder(r.CreativeRequest)
_ending = msgspec.json.Decoder(r.GenerationResult)


def now_ms() -> float:
    """Unix time in ms."""
    return time.time() * 1_000


@dataclass(frozen=True)
class Due:
    """One event and when it is meant to be sent, in ms after the start."""

    after_ms: float
    topic: TopicSpec
    record: r.Record
    id: str
    user: str


class Users:
    """Simulated users who shift abruptly, each once; what they sent is counted for the check at the end."""

    def __init__(self, catalog: Sequence[r.CatalogItem], users: int, positives: int, seed: int) -> None:
        plan = TrafficPlan(users=users, shifters=1.0, live_positives=positives, tag=f"w3s{seed}")
        self.traffic = Traffic([item_of(each) for each in catalog], plan, np.random.default_rng(seed))
        self.sent: Counter[tuple[str, str]] = Counter()
        self._rng = np.random.default_rng(seed + 1)

    def consents(self, at_ms: int) -> Iterator[Due]:
        """Dated before the oldest event of the past."""
        for user in self.traffic.visitors:
            yield Due(0, *consent_of(user, at_ms - 7 * WORLD_DAY_MS + 3_600_000), id="", user=user)

    def past(self, at_ms: int) -> Iterator[Due]:
        """Six days of positives, oldest first."""
        for act in self.traffic.history(at_ms):
            yield self._due(0, act, AGREES_TO_ALL)

    def life(self, events: int, per_s: float) -> list[Due]:
        """About `events` events whose visits arrive as a Poisson process, `per_s` events per second in the
        mean."""
        dues: list[Due] = []
        at_ms = 0.0
        while len(dues) < events:
            at_ms += self._rng.exponential(EVENTS_PER_VISIT / per_s * 1_000)
            dues += [self._due(at_ms + n, act, None) for n, act in enumerate(self.traffic.visit(0))]
        return sorted(dues, key=lambda due: due.after_ms)

    def _due(self, after_ms: float, act: Act, explicit: r.Explicit | None) -> Due:
        if act.kind in COUNTED:
            self.sent[act.user, COUNTED[act.kind]] += 1
        return Due(after_ms, *record_of(act, explicit), id=act.id, user=act.user)


@dataclass(frozen=True)
class Arrival:
    """A creative at a consumer: when it was there, and when the broker had stored it (Unix ms)."""

    at_ms: float
    stored_ms: float
    creative: r.Creative


@dataclass
class Arrivals:
    """What a consumer of creatives, results and requests saw, and when."""

    creatives: list[Arrival] = field(default_factory=list)
    endings: list[r.GenerationResult] = field(default_factory=list)
    asked_ms: dict[str, float] = field(default_factory=dict)  # request id -> when the broker had stored it
    last_ms: float = 0.0

    def watch(self, settings: Settings, stop: threading.Event) -> None:
        """Until `stop`, in a thread of its own: a client written in C, so that the stopwatch takes little
        from what it measures."""
        consumer = Consumer(
            {
                "bootstrap.servers": settings.broker,
                "group.id": "w3",
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 50,
            }
        )
        watched = (topics.CREATIVE, topics.GENERATION, topics.REQUEST)
        consumer.assign(
            [Place(spec.name, n, OFFSET_BEGINNING) for spec in watched for n in range(settings.partitions)]
        )
        while not stop.is_set():
            message = consumer.poll(0.1)
            if message is not None and message.error() is None:
                self._take(message, now_ms())
        consumer.close()

    def _take(self, message: Message, at_ms: float) -> None:
        topic, key, value, stored_ms = (
            message.topic(),
            message.key() or b"",
            message.value(),
            message.timestamp()[1],
        )
        if topic == topics.GENERATION.name:
            self.endings.append(_ending.decode(value))
        elif topic == topics.REQUEST.name:
            self.asked_ms[_request.decode(value).request_id] = stored_ms
        elif value is not None and key.startswith(b"u:"):
            self.creatives.append(Arrival(at_ms, stored_ms, _creative.decode(value)))
        self.last_ms = at_ms

    async def quiet(self) -> None:
        """Until nothing has arrived for a while."""
        end_ms = now_ms() + DRAIN_S * 1_000
        while now_ms() < max(self.last_ms + QUIET_S * 1_000, 0) and now_ms() < end_ms:
            await asyncio.sleep(0.1)


async def caught_up(
    settings: Settings, group: str, sources: Sequence[TopicSpec], timeout_s: float = 300.0
) -> None:
    """Until `group` has committed everything that the topics hold."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.broker, group_id=group, enable_auto_commit=False)
    await consumer.start()
    places = [TopicPartition(spec.name, n) for spec in sources for n in range(settings.partitions)]
    end_s = time.monotonic() + timeout_s
    try:
        while True:
            ends = await consumer.end_offsets(places)
            left = sum([ends[place] - (await consumer.committed(place) or 0) for place in places])
            if not left:
                return
            assert time.monotonic() < end_s, f"{group} is still {left} records behind"
            await asyncio.sleep(0.5)
    finally:
        await consumer.stop()


async def send_all(settings: Settings, dues: Iterator[Due], per_s: float) -> int:
    """As fast as `per_s` allows; for what happens before the clock runs."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.broker, linger_ms=10, max_batch_size=1 << 18)
    await producer.start()
    begun, count = time.monotonic(), 0
    for count, due in enumerate(dues, start=1):
        await producer.send(due.topic.name, msgspec.json.encode(due.record), key=due.user.encode())
        if count % 200 == 0:
            await asyncio.sleep(max(0.0, begun + count / per_s - time.monotonic()))
    await producer.stop()
    return count


@dataclass
class Sent:
    """What the open-loop driver did, by event id: when it meant to send (Unix ms), what the broker answered,
    how late it was (ms)."""

    intended_ms: dict[str, float] = field(default_factory=dict)
    stored_ms: dict[str, float] = field(default_factory=dict)
    late_ms: list[float] = field(default_factory=list)

    def stages(self, arrival: Arrival, asked_ms: float, ending: r.GenerationResult) -> dict[str, float]:
        """ms of each of STAGES for one creative; they sum to the whole."""
        cause = arrival.creative.cause
        assert cause is not None
        stored_ms = self.stored_ms[cause.id]
        made_ms = arrival.creative.created
        had_ms = made_ms - ending.total_ms
        return {
            "append": stored_ms - self.intended_ms[cause.id],
            "profile": asked_ms - stored_ms,
            "fetch": had_ms - asked_ms,
            "queue": ending.queue_ms,
            "model": ending.model_ms,
            "ending": ending.total_ms - ending.queue_ms - ending.model_ms,
            "publish": arrival.stored_ms - made_ms,
            "deliver": arrival.at_ms - arrival.stored_ms,
        }


def send_open_loop(settings: Settings, dues: Sequence[Due]) -> Sent:
    """Every event at its time, whatever comes back; in a thread of its own, by a client written in C."""
    producer = Producer(
        {"bootstrap.servers": settings.broker, "partitioner": "murmur2_random", "linger.ms": 0.5}
    )
    producer.list_topics(timeout=10.0)
    begin_ms = now_ms() + 500
    sent = Sent()
    for due in dues:
        at_ms = begin_ms + due.after_ms
        wait_ms = at_ms - now_ms()
        if wait_ms > 0:
            time.sleep(wait_ms / 1_000)
        sent.late_ms.append(max(0.0, now_ms() - at_ms))
        sent.intended_ms[due.id] = at_ms
        value = msgspec.json.encode(msgspec.structs.replace(due.record, ts=int(at_ms)))
        producer.produce(
            due.topic.name, value, due.user.encode(), on_delivery=partial(_note_stored, sent, due.id)
        )
        producer.poll(0)
    assert producer.flush(30.0) == 0, "events were not stored"
    return sent


def _note_stored(sent: Sent, event_id: str, error: object, message: Message) -> None:
    assert error is None, error
    sent.stored_ms[event_id] = message.timestamp()[1]


def lost_updates(data_dir: Path, partitions: int, sent: Counter[tuple[str, str]]) -> tuple[int, int]:
    """(missing, extra) counts of impressions, clicks and conversions over all profile rows of a stopped
    worker."""
    found: Counter[tuple[str, str]] = Counter()
    for lane in range(partitions):
        db = open_rows(next(data_dir.rglob(f"rows-{lane}.db")))
        for key, value in LaneStore(db).scan(b"p", b""):
            row = np.frombuffer(unpacked_bytes(value), PROFILE)[0]
            for name in COUNTED.values():
                found[key[1:].decode(), name] = int(row[name])
        db.close()
    missing = sum(max(0, count - found[cell]) for cell, count in sent.items())
    extra = sum(max(0, count - sent[cell]) for cell, count in found.items())
    return missing, extra
