"""The simulated users are shown what an ad server's look-up gives, from the records as they come."""

from __future__ import annotations

import time

import msgspec
from aiokafka.structs import ConsumerRecord

from agents.demo.crowd import Crowd
from streams import records as r
from streams.topics import CREATIVE, REVOCATION
from tests.agents.demo.test_trial import crowd
from tests.agents.serving.test_answering import creative


def tell(here: Crowd, topic: str, key: str, record: r.Record | None) -> None:
    value = None if record is None else msgspec.json.encode(record)
    here._published(ConsumerRecord(topic, 0, 0, 0, 1, key.encode(), value, None, len(key), 0, ()))


def test_users_see_what_is_published_until_it_is_withdrawn_or_revoked() -> None:
    here, now_ms = crowd(), time.time_ns() // 1_000_000
    item = next(iter(here.traffic.by_id))
    own, default = "u:s1-0|c1|native", "d|c1|native"
    made = {
        key: creative(key, item_id=item, created=now_ms, expires=now_ms + 3_600_000) for key in (own, default)
    }
    for key, record in made.items():
        tell(here, CREATIVE.name, key, record)
    assert here._shown == {own, default}
    tell(here, CREATIVE.name, own, None)
    assert here._shown == {default}
    said = r.Revocation("campaign", "c1", "paused", now_ms, lasting=True)
    tell(here, REVOCATION.name, "campaign|c1", said)
    assert here._shown == set()
