"""A look-up that starts: a wrong address is told at once, a broker that is away now and then."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace

import pytest

from agents.serving import service
from agents.serving.service import ServingService, serve_creatives
from models.campaigns import Campaign, Cap
from streams.broker.clients import BrokerAwayError
from streams.settings import Settings
from streams.topics import AUDIENCE, CREATIVE
from streams.wire.withdrawals import CAP_REACHED, withdrawal_output
from tests.agents.creatives.generation_fixtures import NOW_MS

ELSEWHERE = "203.0.113.7"
"""Of the range for documentation: no address of this machine."""
PATIENCE_S = 60.0


def test_a_wrong_address_is_told_before_the_broker_is_waited_for() -> None:
    settings = Settings(broker="127.0.0.1:1", serve_bind=ELSEWHERE, broker_wait_s=86_400)
    with pytest.raises(OSError, match=ELSEWHERE):
        asyncio.run(
            asyncio.wait_for(serve_creatives(settings, lambda *_: pytest.fail("it answers")), PATIENCE_S)
        )


def test_a_broker_that_is_away_is_told_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries = []

    async def away() -> None:
        tries.append(1)
        raise BrokerAwayError("no Kafka answers")

    async def story() -> None:
        serving = ServingService(Settings(broker="127.0.0.1:1", broker_wait_s=0.2), ["token"])
        monkeypatch.setattr(serving._follower, "start", away)
        await serving.load()

    monkeypatch.setattr(service, "_AGAIN_S", 0.0)
    monkeypatch.setattr(service, "_TELL_S", 1e9)
    with caplog.at_level(logging.WARNING), pytest.raises(BrokerAwayError):
        asyncio.run(story())
    told = [each.message for each in caplog.records if "It is waited for" in each.message]
    assert len(tries) > 1 and len(told) == 1 and told[0].startswith("no Kafka answers. It is waited for, ")


def test_what_is_followed_tells_of_caps_until_the_user_leaves() -> None:
    serving = ServingService(Settings(broker="127.0.0.1:1"), ["token"])
    capped = Campaign("c1", 1, "active", "Fernway", caps=(Cap(3, 86_400, "campaign"),))
    sent = withdrawal_output("u:u1|c1|native", "cr_u:u1", CAP_REACHED, 0, NOW_MS)
    gone = SimpleNamespace(
        topic=CREATIVE.name, key=b"u:u1|c1|native", value=None, headers=sent.headers, timestamp=NOW_MS
    )
    left = SimpleNamespace(topic=AUDIENCE.name, key=b"u1", value=None, headers=(), timestamp=NOW_MS)
    serving._take([gone])
    assert serving.serving.reached.holds("u1", capped, NOW_MS)
    serving._take([left])
    assert not serving.serving.reached.holds("u1", capped, NOW_MS)
