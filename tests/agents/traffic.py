"""Random but repeatable events of a few users: joins in every order, duplicates, late ones, returns,
consent."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

from streams.topics import (
    BEHAVIOR,
    CLICK,
    CONSENT,
    CONVERSION,
    CREATIVE,
    GENERATION,
    IDENTITY,
    IMPRESSION,
    PARTNER,
)
from tests.agents.profiles.memory_lane import NOW_MS, Consumed, Log

ALL = {"profile": True, "personalise": True, "measure": True, "train": True}


def consent(
    log: Log, user: str, ts: int = NOW_MS - 1_000, explicit: dict[str, bool] | None = None
) -> Consumed:
    return add(log, CONSENT.name, user, ts, explicit=ALL if explicit is None else explicit)


def add(log: Log, topic: str, user: str, ts: int, append_ts: int | None = None, **fields: Any) -> Consumed:
    value = json.dumps({"user": user, "ts": ts, **fields}).encode()
    return log.add(topic, user, value, ts if append_ts is None else append_ts)


def creative(log: Log, user: str, creative_id: str, ts: int = NOW_MS, **fields: Any) -> Consumed:
    """A creative as the generator publishes it, in short."""
    body: dict[str, Any] = {
        "creative_id": creative_id,
        "template_id": "t1",
        "campaign_id": "c1",
        "advertiser": {"name": "Example"},
        "audience": {"type": "user", "key": f"u:{user}"},
        "slot": "native",
        "lang": "en",
        "version": 1,
        "created": ts,
        "expires": ts + 86_400_000,
        "copy": {
            "headline": f"Trail shoes {creative_id[-3:]}",
            "description": "Grip for wet rock.",
            "cta": "Shop now",
        },
        "link": {"url": "https://shop.example/p/1"},
        "audit": {"status": 3},
        "provenance": {"digital_source_type": "trained_algorithmic_media"},
        "reason": {"trigger": "shift"},
        "request_id": "rq_0000000000000001",
        "item_id": "item1",
        "experiment": {"arm": "plain|t1", "propensity": 0.5, "policy_version": "p1"},
        **fields,
    }
    key = f"u:{user}|{body['campaign_id']}|{body['slot']}"
    return log.add(CREATIVE.name, key, json.dumps(body).encode(), ts)


def result(log: Log, user: str, request_id: str, status: str, ts: int, **fields: Any) -> Consumed:
    """How a request ended, as the generator says it, in short."""
    cause = {"id": "k1", "ts": ts, "topic": CLICK.name}
    body = {"request_id": request_id, "user": user, "status": status, "cause": cause, "ts": ts, **fields}
    return log.add(GENERATION.name, user, json.dumps(body).encode(), ts)


def link(log: Log, user: str, partner: str, ts: int) -> Consumed:
    """A user states that another is the same person."""
    return add(log, IDENTITY.name, user, ts, partner=partner)


def summary(log: Log, receiver: str, sender: str, append_ts: int, **fields: Any) -> Consumed:
    """What a partner's lane says, in short."""
    body = {"receiver": receiver, "sender": sender, "stated": append_ts, "term": 1, "flush": 1, **fields}
    return log.add(PARTNER.name, f"{receiver}|{sender}", json.dumps(body).encode(), append_ts)


def random_log(seed: int, users: Sequence[str], n: int, gap_ms: int = 40_000) -> Log:
    """About n events over all topics; few enough per user and hour that nothing is evicted when gap_ms is
    large."""
    rng = random.Random(seed)
    log = Log()
    for user in users:
        if rng.random() < 0.95:
            consent(log, user)
    shown: dict[str, list[tuple[str, str | None, str]]] = {user: [] for user in users}
    clicked: dict[str, str] = {}
    for i in range(n):
        user, ts = (
            rng.choice(users),
            NOW_MS + i * gap_ms // 10 - (rng.randrange(3_600_000) if rng.random() < 0.05 else 0),
        )
        append = NOW_MS + i * gap_ms // 10
        kind = rng.random()
        if kind < 0.55 or not shown[user]:
            own = f"cr_{rng.getrandbits(62):016x}" if rng.random() < 0.5 else None
            campaign = f"c{rng.randrange(3)}"
            shown[user].append((f"i{i}", own, campaign))
            price = {"price": {"cpm": round(rng.random() * 9, 2), "cur": "EUR"}} if rng.random() < 0.5 else {}
            late = append + (0 if rng.random() < 0.7 else 60_000)
            add(
                log,
                IMPRESSION.name,
                user,
                ts,
                late,
                id=f"i{i}",
                creative_id=own,
                campaign_id=campaign,
                slot="native",
                template_id="t1",
                **price,
            )
            if own and rng.random() < 0.6:
                creative(log, user, own, append, campaign_id=campaign, slot=rng.choice(("native", "text")))
            if rng.random() < 0.2:
                add(
                    log,
                    IMPRESSION.name,
                    user,
                    ts,
                    append,
                    id=f"i{i}",
                    creative_id=own,
                    campaign_id=campaign,
                    slot="native",
                    event=3,
                )
        elif kind < 0.8:
            imp, own, campaign = rng.choice(shown[user][-3:])
            named = {"imp_id": imp} if rng.random() < 0.7 else {}
            clicked[user] = f"k{i}"
            add(log, CLICK.name, user, ts, append, id=f"k{i}", creative_id=own, campaign_id=campaign, **named)
        elif kind < 0.9:
            named = {"imp_id": shown[user][-1][0]} if rng.random() < 0.3 else {}
            if not named and user in clicked and rng.random() < 0.3:
                named = {"click_id": clicked[user]}
            if rng.random() < 0.6:
                named["order"] = f"o{rng.randrange(3)}"
            value, currency = rng.choice(
                ((12.34, "EUR"), (-5.1, "EUR"), (0.29, "USD"), (700, "JPY"), (1.005, "KWD"))
            )
            add(
                log,
                CONVERSION.name,
                user,
                ts,
                append,
                id=f"s{i}",
                type="purchase",
                value=value,
                cur=currency,
                **named,
            )
        else:
            imp, own, _ = rng.choice(shown[user])
            feedback = rng.choice(("like", "hide", "report"))
            add(
                log,
                BEHAVIOR.name,
                user,
                ts,
                append,
                id=f"b{i}",
                type="feedback",
                feedback=feedback,
                **({"creative_id": own} if own else {}),
            )
        if rng.random() < 0.03:
            topic = rng.choice((IMPRESSION.name, CLICK.name))
            if log.records.get(topic):
                again = log.records[topic][-1]
                log.add(topic, again.key, again.value, append)
    return log
