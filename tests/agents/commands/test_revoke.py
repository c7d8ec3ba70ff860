"""`shiftcast revoke` and `shiftcast switch`: one command, one record; typed wrong, nothing."""

from __future__ import annotations

import asyncio
import json

import pytest
from click.testing import CliRunner, Result

from agents.checks.followed import read_followed
from agents.run_commands import cli
from models.revocations import Revocation
from streams.broker.admin import create
from streams.settings import Settings


def shiftcast(broker: str, *words: str) -> Result:
    return CliRunner().invoke(cli, words, env={"KAFKA_BROKER": broker})


@pytest.mark.broker
def test_each_states_one_record_and_says_how_to_go_back(broker: str) -> None:
    settings = Settings(broker=broker)
    asyncio.run(create(settings))

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
    assert json.loads(done.output)["key"] == "switch|cli-c1"
    assert said("switch", "cli-c1").mode == "defaults_only" and said("switch", "cli-c1").by
    done = shiftcast(broker, "switch", "templates-only", "--campaign", "cli-c1")
    assert "back: shiftcast switch normal --campaign cli-c1" in done.output
    assert said("switch", "cli-c1").mode == "templates_only"
    assert shiftcast(broker, "switch", "normal", "--campaign", "cli-c1").exit_code == 0
    assert said("switch", "cli-c1").mode == "normal"


@pytest.mark.parametrize(
    "words", [("revoke", "user", "u1"), ("revoke", "item"), ("switch",), ("switch", "off")]
)
def test_what_is_typed_wrong_states_nothing(words: tuple[str, ...]) -> None:
    assert shiftcast("127.0.0.1:9", *words).exit_code == 2
