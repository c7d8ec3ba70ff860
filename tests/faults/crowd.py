"""Users whose events test exactness: half live on one topic, half on all; late, twice, with consent that
changes.

What a user of all topics does stays within what row x keeps, so that no eviction makes the order between
topics matter.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from streams.topics import BEHAVIOR, CLICK, CONSENT, CONVERSION, CREATIVE, IMPRESSION, TopicSpec
from streams.wire.partition import partition
from tests.faults.cluster import CAMPAIGNS, small_catalogue

ALL_PURPOSES: Final = {"profile": True, "personalise": True, "measure": True, "train": True}
NOTHING: Final = dict.fromkeys(ALL_PURPOSES, False)
SINGLE: Final = (CLICK, CONVERSION, BEHAVIOR, IMPRESSION)
WEIGHTS: Final = {IMPRESSION: 18, CLICK: 3, CONVERSION: 6, CREATIVE: 4, BEHAVIOR: 12}
"""Events of one user of all topics; with LIKES within the 5 clicks, likes and plays, 8 conversions, 24
impressions, 6 creatives of row x."""
LIKES: Final = 2
LENGTH: Final = 45
"""Events of one user of one topic: more than row x keeps."""
BEGUN_MS: Final = 2 * 86_400_000
MONEY: Final = ((12.34, "EUR"), (-5.1, "EUR"), (0.29, "USD"), (700, "JPY"), (1.005, "KWD"))

Made = tuple[TopicSpec, str, bytes]


@dataclass
class Person:
    """One user: the topics of the events to come, and the clock they follow."""

    name: str
    plan: list[TopicSpec]
    clock_ms: int
    kind: str  # of the items looked at now
    explicit: dict[str, bool] | None = None  # stated by the next event
    likes: int = LIKES
    clicked: str | None = None  # the last click's id
    shown: list[tuple[str, str | None, str]] = field(default_factory=list)  # impression, creative, campaign
    published: dict[str, str] = field(default_factory=dict)  # creative -> campaign


class Crowd:
    """An endless stream of events; the same for the same seed and clock."""

    def __init__(self, seed: int, mixed: int = 3_000, active: int = 120, twice: float = 0.03) -> None:
        self.rng, self.twice = random.Random(seed), twice
        self.mixed, self.most_active = mixed, active
        self._items: dict[str, list[str]] = {}
        for item in small_catalogue().items:
            self._items.setdefault(item.categories[0], []).append(item.item_id)
        self._active: list[Person] = []
        self._recent: deque[Made] = deque(maxlen=30)
        self._events = self._born = 0

    def agreements(self, now_ms: int) -> Iterator[Made]:
        """What users of all topics say before their first event; one in twenty says nothing, so is never
        learnt from."""
        for n in range(self.mixed):
            if n % 20:
                yield CONSENT, f"m{n}", body(f"m{n}", now_ms - BEGUN_MS, explicit=ALL_PURPOSES)

    def events(self, n: int, now_ms: int) -> Iterator[Made]:
        """The next `n` events; a share of `twice` is sent twice."""
        for _ in range(n):
            if self._recent and self.rng.random() < self.twice:
                yield self.rng.choice(self._recent)
                continue
            made = self._event(self._person(now_ms))
            self._recent.append(made)
            yield made

    def _person(self, now_ms: int) -> Person:
        if len(self._active) < self.most_active:
            self._active.append(self._newcomer(now_ms))
        at = self.rng.randrange(len(self._active))
        person = self._active[at]
        if len(person.plan) == 1:
            self._active[at] = self._active[-1]
            self._active.pop()
        return person

    def _newcomer(self, now_ms: int) -> Person:
        self._born += 1
        clock_ms, kind = now_ms - BEGUN_MS, self.rng.choice(list(self._items))
        if self._born % 2 and self._born // 2 < self.mixed:
            plan = [spec for spec, n in WEIGHTS.items() for _ in range(n)]
            self.rng.shuffle(plan)
            return Person(f"m{self._born // 2}", plan, clock_ms, kind)
        spec = SINGLE[self._born // 2 % len(SINGLE)]
        agrees = ALL_PURPOSES if self.rng.random() < 0.95 else None
        return Person(f"{spec.entity}-{self._born}", [spec] * LENGTH, clock_ms, kind, agrees)

    def _event(self, person: Person) -> Made:
        rng = self.rng
        self._events += 1
        person.clock_ms += rng.randrange(30_000, 40 * 60_000)
        if rng.random() < 0.05:
            person.kind = rng.choice(list(self._items))
        spec = person.plan.pop()
        late_ms = rng.randrange(3 * 3_600_000) if rng.random() < 0.05 else 0
        fields = self._fields(spec, person, person.clock_ms - late_ms)
        single = not person.name.startswith("m")
        if single and rng.random() < 0.01:
            person.explicit = rng.choice((ALL_PURPOSES, NOTHING))
        if spec is CREATIVE:
            return (
                CREATIVE,
                f"u:{person.name}|{fields['campaign_id']}|{fields['slot']}",
                json.dumps(fields).encode(),
            )
        stated = {"explicit": person.explicit} if person.explicit is not None else {}
        person.explicit = None
        return spec, person.name, body(person.name, person.clock_ms - late_ms, **fields, **stated)

    def _fields(self, spec: TopicSpec, person: Person, ts: int) -> dict[str, Any]:
        number, item = self._events, self.rng.choice(self._items[person.kind])
        if spec is IMPRESSION:
            return self._impression(person, f"i{number}", item)
        if spec is CLICK:
            return self._click(person, f"k{number}", item)
        if spec is CONVERSION:
            return self._conversion(person, f"s{number}", item)
        if spec is BEHAVIOR:
            return self._behavior(person, f"b{number}", item)
        return self._creative(person, ts)

    def _shown(self, person: Person) -> tuple[str, str | None, str]:
        return self.rng.choice(person.shown[-4:]) if person.shown else ("i0", None, CAMPAIGNS[0])

    def _new_id(self) -> str:
        return f"cr_{self.rng.getrandbits(62):016x}"

    def _impression(self, person: Person, number: str, item: str) -> dict[str, Any]:
        rng = self.rng
        if person.shown and rng.random() < 0.15:
            imp, own, campaign = person.shown[-1]
            return {"id": imp, "creative_id": own, "campaign_id": campaign, "slot": "native", "event": 3}
        own, campaign = self._new_id() if rng.random() < 0.5 else None, rng.choice(CAMPAIGNS)
        known = [*person.published.items(), *((each, of) for _, each, of in person.shown)]
        if known and rng.random() < 0.3:
            own, campaign = rng.choice(known)
        person.shown.append((number, own, campaign))
        price = {"price": {"cpm": round(rng.random() * 9, 2), "cur": "EUR"}} if rng.random() < 0.5 else {}
        named = {
            "id": number,
            "creative_id": own,
            "item_id": item,
            "campaign_id": campaign,
            "slot": "native",
            "template_id": "t1",
        }
        return {**named, **price}

    def _creative(self, person: Person, ts: int) -> dict[str, Any]:
        """Published once: the creative of an earlier impression, or one that is yet to be shown."""
        waiting = [
            (own, campaign) for _, own, campaign in person.shown if own and own not in person.published
        ]
        own, campaign = self.rng.choice(waiting) if waiting else (self._new_id(), self.rng.choice(CAMPAIGNS))
        person.published[own] = campaign
        return creative(person.name, own, ts, campaign_id=campaign)

    def _click(self, person: Person, number: str, item: str) -> dict[str, Any]:
        imp, own, campaign = self._shown(person)
        named = {"imp_id": imp} if self.rng.random() < 0.7 else {}
        person.clicked = number
        return {"id": number, "creative_id": own, "item_id": item, "campaign_id": campaign, **named}

    def _conversion(self, person: Person, number: str, item: str) -> dict[str, Any]:
        value, currency = self.rng.choice(MONEY)
        named = {"imp_id": self._shown(person)[0]} if self.rng.random() < 0.3 else {}
        if not named and person.clicked and self.rng.random() < 0.3:
            named = {"click_id": person.clicked}
        if self.rng.random() < 0.6:
            named["order"] = f"o{self.rng.randrange(3)}"
        return {
            "id": number,
            "type": "purchase",
            "value": value,
            "cur": currency,
            "items": [{"item_id": item}],
            **named,
        }

    def _behavior(self, person: Person, number: str, item: str) -> dict[str, Any]:
        kind, own = self.rng.choice(("product", "cart", "dwell", "feedback")), self._shown(person)[1]
        if kind == "feedback" and person.likes:
            person.likes -= 1
            named = {"creative_id": own} if own else {}
            if own and self.rng.random() < 0.5:
                reached = self.rng.choice(("start", "firstQuartile", "midpoint", "thirdQuartile", "complete"))
                return {"id": number, "type": "video", "kwarray": [reached], "item_id": item, **named}
            return {
                "id": number,
                "type": kind,
                "feedback": self.rng.choice(("like", "hide")),
                "item_id": item,
                **named,
            }
        return {
            "id": number,
            "type": "product" if kind == "feedback" else kind,
            "item_id": item,
            "dwell_ms": 30_000,
        }


async def hand_over(
    producer: AIOKafkaProducer, records: Iterable[tuple[TopicSpec, str, bytes | None]], partitions: int
) -> int:
    """Send records, each to its user's partition; the producer's end waits for them. Returns how many."""
    sent = 0
    for spec, key, value in records:
        await producer.send(spec.name, value, key.encode(), partition(key.encode(), partitions))
        sent += 1
    return sent


async def flow(
    producer: AIOKafkaProducer, crowd: Crowd, partitions: int, until: asyncio.Event, per_s: int = 1_000
) -> int:
    """Send about `per_s` events a second until told to stop. Returns how many."""
    sent = 0
    while not until.is_set():
        began = time.monotonic()
        sent += await hand_over(producer, crowd.events(per_s // 20, int(time.time() * 1000)), partitions)
        await asyncio.sleep(max(0.0, 0.05 - (time.monotonic() - began)))
    return sent


def body(user: str, ts: int, **fields: Any) -> bytes:
    """An event as an ad server sends it."""
    return json.dumps({"user": user, "ts": ts, **fields}).encode()


def creative(user: str, creative_id: str, ts: int, **fields: Any) -> dict[str, Any]:
    """A creative as the generator publishes it, in short."""
    return {
        "creative_id": creative_id,
        "template_id": "t1",
        "campaign_id": "c0",
        "advertiser": {"name": "Stridewell"},
        "audience": {"type": "user", "key": f"u:{user}"},
        "slot": "native",
        "lang": "en",
        "version": 1,
        "created": ts,
        "expires": ts + 6 * 86_400_000,
        "copy": {
            "headline": f"Trail shoes {creative_id[-3:]}",
            "description": "Grip for wet rock.",
            "cta": "Shop now",
        },
        "link": {"url": "https://shop.example/p/1"},
        "audit": {"status": 3},
        "provenance": {"digital_source_type": "trained_algorithmic_media"},
        "reason": {"trigger": "shift"},
        "request_id": "rq_ffffffffffffffff",
        "item_id": "i1",
        "experiment": {"arm": "plain|t1", "propensity": 0.5, "policy_version": "p1"},
        **fields,
    }
