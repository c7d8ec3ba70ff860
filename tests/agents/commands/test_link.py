"""`shiftcast link`: one command, one record in the partition of the user; typed wrong, nothing."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest
from click.testing import CliRunner, Result

from agents.run_commands import cli
from streams import records as r
from streams.broker.admin import create
from streams.broker.read_once import read_topics
from streams.settings import Settings
from streams.topics import IDENTITY
from streams.wire.partition import partition


def shiftcast(broker: str, *words: str) -> Result:
    return CliRunner().invoke(cli, words, env={"KAFKA_BROKER": broker})


@pytest.mark.broker
def test_a_link_is_stated_by_each_and_withdrawn_by_a_null(broker: str) -> None:
    settings = Settings(broker=broker)
    asyncio.run(create(settings))

    async def said(user: str) -> list[str | None]:
        found: list[str | None] = []
        where = [partition(user.encode(), settings.partitions)]
        async for record in read_topics(settings, [IDENTITY.name], partitions=where):
            if record.key == user.encode():
                value = record.value
                found.append(value and msgspec.json.decode(value, type=r.IdentityLink).partner)
        return found

    done = shiftcast(broker, "link", "cli-phone", "cli-laptop")
    assert done.exit_code == 0 and "shiftcast link cli-laptop cli-phone" in done.output
    assert asyncio.run(said("cli-phone")) == ["cli-laptop"] and asyncio.run(said("cli-laptop")) == []
    done = shiftcast(broker, "link", "--waiting", "--json")
    assert ("cli-phone", "cli-laptop") in [
        (w["user"], w["partner"]) for w in json.loads(done.output)["waiting"]
    ]
    assert "shiftcast link cli-laptop cli-phone" in shiftcast(broker, "link", "--waiting").output
    done = shiftcast(broker, "link", "cli-phone", "--withdraw", "--json")
    assert json.loads(done.output) == {"topic": IDENTITY.name, "key": "cli-phone", "partner": None}
    assert asyncio.run(said("cli-phone")) == ["cli-laptop", None]
    assert "cli-phone" not in shiftcast(broker, "link", "--waiting").output


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("a",), 2),
        (("a", "--waiting"), 2),
        (("a", "b", "--withdraw"), 2),
        (("a", "a"), 2),
        (("a", "b|c"), 2),
        (("a b", "--withdraw"), 2),
        (("a\n", "b"), 2),
    ],
)
def test_what_is_typed_wrong_states_nothing(words: tuple[str, ...], code: int) -> None:
    done = shiftcast("127.0.0.1:9", "link", *words)
    assert done.exit_code == code and "127.0.0.1" not in done.output
