"""Simulated users on a real broker: consent, six days of past, then life at a chosen rate, seeing the
creatives that are published."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
from aiokafka import AIOKafkaProducer
from aiokafka.structs import ConsumerRecord

from agents.demo.browsing import Browsing
from agents.demo.wire import AGREES_TO_ALL, consent_of, record_of, shown_creative_of
from agents.overview.tail import Tail
from agents.serving.lookup import CreativeLookup
from models.interest.threshold.shift_score import Positive
from models.world.traffic import WORLD_DAY_MS, Act, Traffic, TrafficPlan
from streams import topics
from streams.broker.clients import client_options
from streams.mapping.catalog_items import item_of
from streams.mapping.revocations import DEFAULT_KEY
from streams.records import CatalogItem, Record
from streams.settings import Settings
from streams.topics import TopicSpec
from streams.unix_time import unix_ms

_TICK_S: Final = 0.02
HISTORY_CHUNK: Final = 200


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
    """Use as: `await start()`, `send_consent`, `send_history`, `live`, `await stop()`. With `browsing` what
    is shown and clicked in the live part is told by trackers instead of being sent. `sold`: what is sold in
    which language."""

    def __init__(
        self,
        settings: Settings,
        catalog: list[CatalogItem],
        plan: TrafficPlan,
        seed: int,
        browsing: Browsing | None = None,
        sold: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.plan, self.browsing = plan, browsing
        self.truth = CrowdTruth()
        items = [item_of(record) for record in catalog]
        self.traffic = Traffic(items, plan, np.random.default_rng(seed), sold)
        self._settings = settings
        self._producer: AIOKafkaProducer  # made by start
        self._lookup, self._shown = CreativeLookup(), set[str]()
        read = [topics.CREATIVE.name, topics.REVOCATION.name]
        # From their start, as an ad server does: defaults stand there before these users come.
        self._creatives = Tail(settings, read, self._published, from_start=True)

    async def start(self) -> None:
        """Raises RefusedError without a broker or topics."""
        await self._creatives.start()
        self._producer = AIOKafkaProducer(**client_options(self._settings), acks="all", linger_ms=5)
        try:
            await self._producer.start()
        except BaseException:
            await self._creatives.stop()
            raise
        if self.browsing is not None:
            await self.browsing.start()

    async def stop(self) -> None:
        await self._creatives.stop()
        await self._producer.stop()
        if self.browsing is not None:
            await self.browsing.stop()

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
        begun, begins = time.monotonic(), 0
        waiting: list[tuple[int, int, Act]] = []
        while (passed := time.monotonic() - begun) < seconds:
            while begins < passed * per_s:
                for act in self.traffic.visit(unix_ms()):
                    heapq.heappush(waiting, (act.ts_ms, begins, act))
                    begins += 1
            progress(await self._send_due(waiting))
            await asyncio.sleep(_TICK_S)
        await self._producer.flush()
        return time.monotonic() - begun

    async def _send_due(self, waiting: list[tuple[int, int, Act]]) -> int:
        """Send the acts whose time has come; a click or a sale comes after what led to it. What is to come
        after the end never happens."""
        sent, until_ms = 0, unix_ms()
        while waiting and waiting[0][0] <= until_ms:
            act = heapq.heappop(waiting)[2]
            told = act if self.browsing is None else self.browsing.as_told(act)
            self.truth.add(told, live=True)
            if self.browsing is None or not await self.browsing.tell(act):
                await self._send(told.user, *record_of(told))
            sent += 1
        return sent

    def world(self) -> dict[str, Any]:
        """What truly makes these users click: effects, each user's own factor, and what the impressions of
        each arm (`campaign|arm`) were worth."""
        arms = {
            f"{campaign}|{arm}": {
                "effect": round(self.traffic.effects.arm(arm), 4),
                "impressions": worth.impressions,
                "clicks": worth.clicks,
                "true_ctr": round(worth.expected_clicks / worth.impressions, 5),
            }
            for (campaign, arm), worth in sorted(self.traffic.attraction.items())
        }
        users = {name: round(each.eagerness, 4) for name, each in self.traffic.visitors.items()}
        return {**self.traffic.effects.described(), "arms": arms, "users": users}

    def true_ctr(self, campaign_id: str, group_of: Callable[[str], str | None]) -> dict[str, float | None]:
        """By group of users: the mean chance of a click over the campaign's impressions."""
        sums: dict[str, tuple[int, float]] = {}
        for name, visitor in self.traffic.visitors.items():
            group, worth = group_of(name), visitor.worth.get(campaign_id)
            if group is not None and worth is not None:
                impressions, expected = sums.get(group, (0, 0.0))
                sums[group] = impressions + worth.impressions, expected + worth.expected_clicks
        return {group: expected / impressions for group, (impressions, expected) in sorted(sums.items())}

    async def _send(self, user: str, topic: TopicSpec, record: Record) -> None:
        await self._producer.send(topic.name, msgspec.json.encode(record), key=user.encode())

    def _published(self, record: ConsumerRecord[Any, Any]) -> None:
        """An ad server's part: what the look-up gives for a user's slot is what the user sees next."""
        key = (record.key or b"").decode(errors="replace")
        self._lookup.take(record.topic, record.key or b"", record.value)
        if record.topic == topics.REVOCATION.name:
            for each in list(self._shown):
                self._show(each)
        else:
            self._show(key)

    def _show(self, key: str) -> None:
        """What stands under a user's key, or nothing."""
        audience, _, rest = key.partition("|")
        campaign, _, slot = rest.rpartition("|")
        creative = self._lookup.shown(key, unix_ms())
        item = None if creative is None else self.traffic.by_id.get(creative.item_id or "")
        if creative is not None and item is None:
            return
        if creative is not None and self.browsing is not None:
            self.browsing.know(creative)
        shown = None if creative is None or item is None else shown_creative_of(creative, item.category)
        (self._shown.discard if shown is None else self._shown.add)(key)
        ads = self.traffic.ads
        if audience == DEFAULT_KEY:
            ads.show_all(campaign, slot, shown)
        elif audience.startswith("u:"):
            ads.show(audience[2:], campaign, slot, shown)
        elif shown is not None:
            ads.advertise(shown)
