"""W2's events as real impressions and clicks of a furnished platform: what the whole profile agent makes of
them, and what it must be.

Consent is granted on ads.consent.v1, items belong to a catalogue version, impressions show shared creatives,
the user's own, or none; every click names the user's impression before it. The oracle counts per user and per
campaign.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from aiokafka import AIOKafkaProducer
from numpy.typing import NDArray

from models.earned.counters import COUNTER_FIELDS, Counters, Window
from models.interest.profile import PROFILE
from models.row import HEADER
from streams import records as r
from streams.artifacts.catalog_version import records_of
from streams.artifacts.kinds import artifact_key
from streams.artifacts.shared import SharedCreative, shared_record
from streams.columns.names import UNATTRIBUTED
from streams.rows.rows_on_disk import LaneStore, open_rows
from streams.rows.sparse_rows import unpacked_bytes
from streams.settings import Settings
from streams.topics import ARTIFACT, CAMPAIGN, CLICK, CONSENT, CREATIVE, IMPRESSION, USER_TOPICS, TopicSpec
from streams.wire.codecs import encode
from streams.wire.partition import partition
from tests.models.small_catalogue import catalogue, items
from tests.workers import Worker

ITEMS = 960
KINDS = 24
CAMPAIGNS = 50
SHARED = 200
OWN_USERS = 2_000
"""So many users have a creative of their own."""
DAY_MS = 86_400_000
APART_MS = 1
"""Event time between two events, as in W2 like for like: 1,000 events a second."""
APP = "profiles"
SOURCES = tuple(spec.name for spec in USER_TOPICS)
Sent = tuple[TopicSpec, int, bytes, bytes]
"""topic, partition, key, value."""


def shared_id(number: int) -> str:
    return f"cr_{number + 1:016x}"


def own_id(user: int) -> str:
    return f"cr_{(1 << 40) + user:016x}"


@dataclass(frozen=True)
class Stream:
    """Events in order; `before` is the user's last impression before an event, -1 none."""

    user: NDArray[Any]
    item: NDArray[Any]
    click: NDArray[Any]
    before: NDArray[Any]
    start_ms: int

    @classmethod
    def drawn(cls, who: NDArray[Any], users: int, start_ms: int) -> Stream:
        """One event in ten is a click, if the user was shown something. Each user likes one kind of item, and
        another one later."""
        rng = np.random.default_rng(12)
        n = len(who)
        liked = rng.integers(0, KINDS, (users, 2))[who, (np.arange(n) > n // 2).astype(int)]
        kind = np.where(rng.random(n) < 0.8, liked, rng.integers(0, KINDS, n))
        item = rng.integers(0, ITEMS // KINDS, n) * KINDS + kind
        click = rng.random(n) < 0.1
        before = np.full(n, -1)
        last: dict[int, int] = {}
        for i, (user, is_click) in enumerate(zip(who.tolist(), click.tolist(), strict=True)):
            before[i] = last.get(user, -1)
            if not is_click or before[i] < 0:
                last[user] = i
        return cls(who, item, click & (before >= 0), before, start_ms)

    def campaign(self) -> NDArray[Any]:
        """Campaign of every event: of the creative shown, else of the item; of a click that of its
        impression."""
        i = np.arange(len(self.user))
        own = (i % 10 < 7) & (self.user < OWN_USERS)
        campaign = np.where(i % 10 < 4, i % SHARED % CAMPAIGNS, np.where(own, 0, self.item % CAMPAIGNS))
        return campaign[np.where(self.click, self.before, i)]

    def values(self) -> Iterator[tuple[bool, int, bytes]]:
        """(click, user, JSON) of every event, as an ad server would send it."""
        place = (
            '"slot":"native","device":{"devicetype":4,"os":"android","geo":{"country":"DE","utcoffset":60}},'
            '"regs":{"gdpr":1}'
        )
        columns = (self.user.tolist(), self.click.tolist(), self.before.tolist(), self.campaign().tolist())
        item = self.item.tolist()
        for i, (user, click, before, campaign) in enumerate(zip(*columns, strict=True)):
            ts, shown = self.start_ms + i * APART_MS, before if click else i
            named = f'"id":"k{i}","imp_id":"i{before}"' if click else f'"id":"i{i}","template_id":"t1"'
            by = f'"creative_id":{creative_of(user, shown)},"campaign_id":"c{campaign}"'
            what = f'{by},"item_id":"i{item[shown]}"'
            yield (
                click,
                user,
                f'{{{named},"ts":{ts},"user":"u{user:08d}",{what},{place},"auction_id":"a{i}"}}'.encode(),
            )


def creative_of(user: int, i: int) -> str:
    """JSON of the creative that impression i shows: shared, the user's own if there is one, or none of
    ours."""
    if i % 10 < 4:
        return f'"{shared_id(i % SHARED)}"'
    return f'"{own_id(user)}"' if i % 10 < 7 and user < OWN_USERS else "null"


def furniture(partitions: int, users: int, now_ms: int) -> Iterator[Sent]:
    """Catalogue, campaigns, shared creatives, consent of every user, and creatives of their own."""
    for part in records_of(catalogue(items(ITEMS, KINDS), categories=True)):
        yield ARTIFACT, 0, artifact_key(part).encode(), encode(part)
    for k in range(SHARED):
        name, key = f"c{k % CAMPAIGNS}", f"s:{k}|c{k % CAMPAIGNS}|native"
        shared = shared_record(
            key,
            SharedCreative(shared_id(k), name, "native", str(k), "t1", "plain|t1", 0.5, now_ms + 6 * DAY_MS),
        )
        yield ARTIFACT, 0, artifact_key(shared).encode(), encode(shared)
    for k in range(CAMPAIGNS):
        made = r.Campaign(f"c{k}", 1, "active", r.Advertiser("Stridewell", ["shop.example"]))
        yield CAMPAIGN, partition(b"c%d" % k, partitions), b"c%d" % k, encode(made)
    granted = b'"explicit":{"profile":true,"personalise":true,"measure":true,"train":true}'
    for user in range(users):
        who = b"u%08d" % user
        yield (
            CONSENT,
            partition(who, partitions),
            who,
            b'{"user":"%s","ts":%d,%s}' % (who, now_ms - 6 * DAY_MS, granted),
        )
    for user in range(min(OWN_USERS, users)):
        who = b"u%08d" % user
        yield (
            CREATIVE,
            partition(who, partitions),
            b"u:%s|c0|native" % who,
            json.dumps(own_creative(user, now_ms)).encode(),
        )


def own_creative(user: int, now_ms: int) -> dict[str, Any]:
    """A creative as the generator publishes it."""
    return {
        "creative_id": own_id(user), "template_id": "t1", "campaign_id": "c0",
        "advertiser": {"name": "Stridewell"},
        "audience": {"type": "user", "key": f"u:u{user:08d}"}, "slot": "native", "lang": "en", "version": 1,
        "created": now_ms,
        "expires": now_ms + 6 * DAY_MS,
        "copy": {"headline": "Trail shoes", "description": "Grip for wet rock.", "cta": "Shop now"},
        "link": {"url": "https://shop.example/p/1"}, "audit": {"status": 3},
        "provenance": {"digital_source_type": "trained_algorithmic_media"}, "reason": {"trigger": "shift"},
        "request_id": "rq_0000000000000001", "item_id": "i1",
        "experiment": {"arm": "plain|t1", "propensity": 0.5, "policy_version": "p1"},
    }  # fmt: skip


async def send(settings: Settings, records: Iterator[Sent]) -> None:
    """Store records, one batch per partition at a time."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.broker,
        acks=1,
        linger_ms=20,
        max_batch_size=1 << 20,
        max_request_size=4 << 20,
    )
    await producer.start()
    builders: dict[tuple[str, int], Any] = {}
    for spec, place, key, value in records:
        builder = builders.get((spec.name, place)) or builders.setdefault(
            (spec.name, place), producer.create_batch()
        )
        if builder.append(timestamp=None, key=key, value=value) is None:
            await producer.send_batch(builder, spec.name, partition=place)
            builders[spec.name, place] = builder = producer.create_batch()
            builder.append(timestamp=None, key=key, value=value)
    for (topic, place), builder in builders.items():
        await producer.send_batch(builder, topic, partition=place)
    await producer.stop()


def events(stream: Stream, partitions: int) -> Iterator[Sent]:
    """The stream as records."""
    home = [partition(b"u%08d" % user, partitions) for user in range(int(stream.user.max()) + 1)]
    for click, user, value in stream.values():
        yield (CLICK if click else IMPRESSION), home[user], b"u%08d" % user, value


def verdict(worker: Worker, stream: Stream, users: int, partitions: int) -> dict[str, Any]:
    """Every profile and counter row against plain counts: events missing and too many, and the share of
    clicks that were joined."""
    want = np.stack(
        [np.bincount(stream.user[stream.click == click], minlength=users) for click in (False, True)], 1
    )
    campaigns = np.stack(
        [
            np.bincount(stream.campaign()[stream.click == click], minlength=CAMPAIGNS)
            for click in (False, True)
        ],
        1,
    )
    found, counted = np.zeros_like(want), np.zeros_like(campaigns)
    joined: Counter[bool] = Counter()
    rows = 0
    for lane in range(partitions):
        db = open_rows(next(worker.data_dir.rglob(f"rows-{lane}.db")))
        store = LaneStore(db)
        for key, value in store.scan(b"p", b""):
            row = np.frombuffer(unpacked_bytes(value), PROFILE)[0]
            found[int(key[2:])] = row["n_imp"], row["n_click"]
            rows += 1
        names = {key[1:]: json.loads(value[HEADER.itemsize :]) for key, value in store.scan(b"n", b"")}
        for key, value in store.scan(b"a", b""):
            window = Window.of_key(key)
            if window.size_s != 60:
                continue
            counts = dict(
                zip(COUNTER_FIELDS, Counters.of_bytes(value[HEADER.itemsize :]).counts, strict=True)
            )
            campaign, _, arm, *_ = names[window.cell.to_bytes(8, "big")]
            clicks = counts["clicks"] + counts["invalid_clicks"]
            counted[int(campaign[1:])] += counts["impressions"] + counts["invalid_impressions"], clicks
            joined[arm != UNATTRIBUTED] += clicks
        db.close()
    missing = (want - found).clip(0).sum() + (campaigns - counted).clip(0).sum()
    extra = (found - want).clip(0).sum() + (counted - campaigns).clip(0).sum()
    return {
        "missing": int(missing),
        "extra": int(extra),
        "users_kept": rows,
        "joined_clicks_share": joined[True] / max(joined.total(), 1),
    }
