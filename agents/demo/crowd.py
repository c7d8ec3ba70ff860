"""Simulated users on a real broker: consent, six days of past, then life at a chosen rate, seeing the
creatives that are published."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
from aiokafka import AIOKafkaProducer
from aiokafka.structs import ConsumerRecord

from agents.demo.wire import AGREES_TO_ALL, consent_of, record_of, shown_of
from agents.overview.tail import Tail
from agents.serving.lookup import CreativeLookup
from models.interest.shift_score import Positive
from models.world.traffic import WORLD_DAY_MS, Act, Traffic, TrafficPlan
from streams import topics
from streams.broker.clients import client_options
from streams.records import CatalogItem, Creative, Record, Revocation
from streams.settings import Settings
from streams.topics import TopicSpec
from streams.wire.catalog_items import item_of

_TICK_S: Final = 0.02
HISTORY_CHUNK: Final = 200
_decoders: Final = {
    topics.CREATIVE.name: msgspec.json.Decoder[Record](Creative),
    topics.REVOCATION.name: msgspec.json.Decoder[Record](Revocation),
}


def now_ms() -> int:
    """Unix time in ms."""
    return time.time_ns() // 1_000_000


@dataclass
class CrowdTruth:
    """What really happened in the live part: the positives by event id, and when each was sent."""

    positives: dict[str, Positive] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    events: int = 0

    def add(self, act: Act, live: bool) -> None:
        self.events += live
        if act.positive < 0:
            return
        if live:
            self.positives[act.id] = Positive(act.user, act.positive, act.shift)
        line = {
            "user": act.user,
            "id": act.id,
            "ts": act.ts_ms,
            "positive": act.positive,
            "category": act.item.category,
        }
        self.lines.append({**line, "live": live, "shift": act.shift})


class Crowd:
    """Use as: `await start()`, `send_consent`, `send_history`, `live`, `await stop()`."""

    def __init__(self, settings: Settings, catalog: list[CatalogItem], plan: TrafficPlan, seed: int) -> None:
        self.plan = plan
        self.truth = CrowdTruth()
        self.traffic = Traffic([item_of(record) for record in catalog], plan, np.random.default_rng(seed))
        self._settings = settings
        self._producer: AIOKafkaProducer  # made by start
        self._lookup, self._shown = CreativeLookup(), set[str]()
        self._creatives = Tail(settings, [topics.CREATIVE.name, topics.REVOCATION.name], self._published)

    async def start(self) -> None:
        """Raises RefusedError without a broker or topics."""
        await self._creatives.start()
        self._producer = AIOKafkaProducer(**client_options(self._settings), acks="all", linger_ms=5)
        try:
            await self._producer.start()
        except BaseException:
            await self._creatives.stop()
            raise

    async def stop(self) -> None:
        await self._creatives.stop()
        await self._producer.stop()

    async def send_consent(self, at_ms: int) -> None:
        """Every user agrees to everything, dated before the oldest event of the history; returns when the
        broker has it."""
        ts_ms = at_ms - int((self.plan.days + 0.25) * WORLD_DAY_MS)
        for user in self.traffic.visitors:
            await self._send(user, *consent_of(user, ts_ms))
        await self._producer.flush()

    async def send_history(self, at_ms: int, per_s: float, progress: Callable[[float], None]) -> int:
        """The days before `at_ms` in the order of time, at most `per_s` events per second; returns the number
        of events."""
        begun, acts = time.monotonic(), self.traffic.history(at_ms)
        for number, act in enumerate(acts, start=1):
            self.truth.add(act, live=False)
            await self._send(act.user, *record_of(act, AGREES_TO_ALL))
            if number % HISTORY_CHUNK == 0 or number == len(acts):
                progress(number / len(acts))
                await asyncio.sleep(max(0.0, begun + number / per_s - time.monotonic()))
        await self._producer.flush()
        return len(acts)

    async def live(self, seconds: float, per_s: float, progress: Callable[[int], None]) -> float:
        """Lives for `seconds` with real stamps at about `per_s` events per second; returns the seconds it
        took."""
        begun, sent = time.monotonic(), 0
        while (passed := time.monotonic() - begun) < seconds:
            while sent < passed * per_s:
                acts = self.traffic.visit(now_ms())
                for act in acts:
                    self.truth.add(act, live=True)
                    await self._send(act.user, *record_of(act))
                sent += len(acts)
                progress(len(acts))
            await asyncio.sleep(_TICK_S)
        await self._producer.flush()
        return time.monotonic() - begun

    async def _send(self, user: str, topic: TopicSpec, record: Record) -> None:
        await self._producer.send(topic.name, msgspec.json.encode(record), key=user.encode())

    def _published(self, record: ConsumerRecord[Any, Any]) -> None:
        """An ad server's part: what the look-up gives for a user's slot is what the user sees next."""
        key = (record.key or b"").decode(errors="replace")
        try:
            taken = None if record.value is None else _decoders[record.topic].decode(record.value)
        except msgspec.MsgspecError:
            return
        self._lookup.take(record.topic, key, taken)
        if record.topic == topics.REVOCATION.name:
            for each in list(self._shown):
                self._show(each)
        elif key.startswith("u:"):
            self._show(key)

    def _show(self, key: str) -> None:
        """What stands under a user's key, or nothing."""
        audience, _, rest = key.partition("|")
        user, slot = audience[2:], rest.rpartition("|")[2]
        creative = self._lookup.shown(key, now_ms())
        item = None if creative is None else self.traffic.by_id.get(creative.item_id or "")
        if creative is None:
            self._shown.discard(key)
            self.traffic.show(user, None, slot)
        elif item is not None:
            self._shown.add(key)
            self.traffic.show(user, shown_of(creative, item.category), slot)
