"""`shiftcast revoke` and `shiftcast switch`: one command, one record; typed wrong, nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiokafka.errors import NodeNotReadyError
from aiokafka.structs import ConsumerRecord
from click.testing import CliRunner, Result

from agents.checks.followed import read_followed
from agents.run_commands import cli
from models.revocations import REVOCABLE, Revocation
from streams.broker.admin import create
from streams.broker.producer import OutputProducer
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.topics import CAMPAIGN, CATALOG, COPY, CREATIVE
from streams.wire.output import Output


def send(settings: Settings, *records: tuple[str, str, dict[str, Any]]) -> None:
    outputs = [Output(topic, key.encode(), orjson.dumps(value)) for topic, key, value in records]

    async def unchecked() -> None:
        producer = OutputProducer(settings)
        await producer.start()
        await producer.send(outputs)
        await producer.stop()

    asyncio.run(unchecked())


def shiftcast(broker: str, *words: str) -> Result:
    return CliRunner().invoke(cli, words, env={"KAFKA_BROKER": broker})


@pytest.mark.broker
def test_each_states_one_record_and_says_how_to_go_back(broker: str) -> None:
    settings = Settings(broker=broker)
    asyncio.run(create(settings))
    send(settings, (CAMPAIGN.name, "cli-c1", {"campaign_id": "cli-c1"}))

    def said(kind: str, id: str) -> Revocation:
        found = asyncio.run(read_followed(settings)).reference.revocations.get(kind, id)
        assert found is not None
        return found

    done = shiftcast(broker, "revoke", "campaign", "cli-c1", "--reason", "wrong", "--by", "ada")
    assert done.exit_code == 0 and "shiftcast revoke campaign cli-c1 --lift" in done.output
    first = said("campaign", "cli-c1")
    assert (first.reason, first.lasting, first.by) == ("wrong", True, "ada")
    assert shiftcast(broker, "revoke", "campaign", "cli-c1", "--lift", "--by", "ada").exit_code == 0
    lifted = said("campaign", "cli-c1")
    assert (lifted.reason, lifted.lasting, lifted.by) == ("resumed", False, "ada")
    assert lifted.since_ms >= first.since_ms

    done = shiftcast(broker, "switch", "defaults-only", "--campaign", "cli-c1", "--json")
    assert json.loads(done.output)["key"] == "switch|cli-c1" and json.loads(done.output)["known"]
    assert said("switch", "cli-c1").mode == "defaults_only" and said("switch", "cli-c1").by
    done = shiftcast(broker, "switch", "templates-only", "--campaign", "cli-c1")
    assert "back: shiftcast switch normal --campaign cli-c1" in done.output
    assert said("switch", "cli-c1").mode == "templates_only"
    assert shiftcast(broker, "switch", "normal", "--campaign", "cli-c1").exit_code == 0
    assert said("switch", "cli-c1").mode == "normal"


@pytest.mark.broker
def test_an_id_that_nothing_has_is_said_and_told(broker: str) -> None:
    settings = Settings(broker=broker)
    asyncio.run(create(settings))
    send(
        settings,
        (CAMPAIGN.name, "cli-c2", {"campaign_id": "cli-c2", "templates": [{"template_id": "cli-t2"}]}),
        (CATALOG.name, "cli-i2", {"item_id": "cli-i2"}),
        (CREATIVE.name, "d|cli-c2|native", {"creative_id": "cr_cli2"}),
        (COPY.name, "cli-c2|cli-i2|native|en|plain|0", {"copy_id": "cp_cli2"}),
    )
    known = {"campaign": "cli-c2", "item": "cli-i2", "template": "cli-c2|cli-t2", "creative": "cr_cli2"}
    for kind, id in {**known, "copy": "cp_cli2"}.items():
        done = shiftcast(broker, "revoke", kind, id)
        assert done.exit_code == 0 and not done.stderr, done.stderr
        done = shiftcast(broker, "revoke", kind, f"{id[:-2]}{id[-1]}{id[-2]}-")
        assert done.exit_code == 3 and "is revoked" in done.stdout
        assert f"no {kind} " in done.stderr and f"did you mean {id}?" in done.stderr
    assert shiftcast(broker, "revoke", "template", "cli-t2").exit_code == 0
    done = shiftcast(broker, "switch", "defaults-only", "--campaign", "cli-c22", "--json")
    assert done.exit_code == 3 and json.loads(done.stdout)["near"] == "cli-c2"
    assert shiftcast(broker, "switch", "normal", "--campaign", "cli-c22", "--anyway").exit_code == 0
    assert shiftcast(broker, "switch", "normal").exit_code == 0
    found = asyncio.run(read_followed(settings)).reference.revocations.get("campaign", "cli-2c-")
    assert found is not None and found.lasting, "an emergency may know better than a topic"


@pytest.mark.parametrize("error", [TimeoutError(), RefusedError("no such topic"), NodeNotReadyError()])
def test_a_look_that_fails_holds_nothing_up(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []

    async def state(_settings: Settings, said: Revocation, _now_ms: int) -> None:
        sent.append(said.id)

    async def fails(*_: object) -> AsyncIterator[ConsumerRecord]:
        if sent == ["c1"]:
            raise error
        yield pytest.fail("it is looked up before it is sent")

    monkeypatch.setattr("agents.commands.control.stated.state_by_hand", state)
    monkeypatch.setattr("agents.revoking.looking_up.read_topics", fails)
    done = shiftcast("127.0.0.1:9", "revoke", "campaign", "c1")
    assert done.exit_code == 0 and "campaign c1 is revoked" in done.stdout
    assert "it is said; whether campaign c1 is known was not found out" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("revoke", "campaign", ""),
        ("switch", "normal", "--campaign", " "),
        ("revoke", "user", "u1"),
        ("revoke", "item"),
        ("switch",),
        ("switch", "off"),
    ],
)
def test_what_is_typed_wrong_states_nothing(words: tuple[str, ...]) -> None:
    assert shiftcast("127.0.0.1:9", *words).exit_code == 2


@pytest.mark.parametrize("kind", REVOCABLE)
def test_everything_is_switched_not_revoked(kind: str) -> None:
    """A record of that id would be told as said, and nothing obeys it."""
    done = shiftcast("127.0.0.1:9", "revoke", kind, "*")
    assert done.exit_code == 2 and "`shiftcast switch defaults-only`" in done.stderr
