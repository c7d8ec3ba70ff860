"""`shiftcast topics`, `dead-letters` and `schema` as an operator and a script meet them."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord
from click.testing import CliRunner, Result

from agents.checks.difference import describe_difference
from agents.run_commands import cli, main
from streams.broker.admin import Difference
from streams.broker.producer import OutputProducer
from streams.settings import Settings
from streams.topics import ALL_TOPICS, CLICK
from streams.wire.dead_letters import dead_letter
from streams.wire.output import Output


def shiftcast(*words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, words, env=env)


def test_a_path_that_cannot_be_used_ends_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("sys.argv", ["shiftcast", "schema", "--out", str(tmp_path / "file" / "below")])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert said.count("\n") == 1 and str(tmp_path / "file") in said


def test_schema_prints_writes_and_checks(tmp_path: Path) -> None:
    printed = json.loads(shiftcast("schema", "--json").output)
    assert "creative/1.0.json" in printed["schemas"]
    assert printed["asyncapi"]["asyncapi"] == "3.0.0"
    assert shiftcast("schema", "--out", str(tmp_path)).exit_code == 0
    assert shiftcast("schema", "--out", str(tmp_path), "--check").exit_code == 0
    (tmp_path / "creative" / "1.0.json").write_text("{}")
    stale = shiftcast("schema", "--out", str(tmp_path), "--check")
    assert stale.exit_code == 1
    assert "creative/1.0.json" in stale.output
    assert shiftcast("schema", "--check").exit_code == 2


def test_what_differs_at_a_topic_comes_with_what_to_type() -> None:
    assert "`shiftcast topics create`" in describe_difference(
        Difference("ads.click.v1", "topic", "exists", "missing", True)
    )
    assert "`shiftcast topics create --repair`" in describe_difference(
        Difference("ads.click.v1", "retention.ms", "9", "5", True)
    )
    assert "SHIFTCAST_PARTITIONS=6" in describe_difference(Difference("ads.click.v1", "partitions", "4", "6"))
    assert "SHIFTCAST_REPLICATION=1" in describe_difference(
        Difference("ads.click.v1", "replication", "3", "1")
    )


@pytest.mark.broker
def test_topics_are_created_and_listed(broker: str) -> None:
    env = {"KAFKA_BROKER": broker}
    created = shiftcast("topics", "create", "--json", env=env)
    assert created.exit_code == 0, created.output
    assert json.loads(created.output)["different"] == []
    listed = json.loads(shiftcast("topics", "list", "--json", env=env).output)
    assert {spec.name for spec in ALL_TOPICS} < {topic["name"] for topic in listed["topics"]}
    shown = shiftcast("topics", "list", env={**env, "COLUMNS": "160"}).output
    assert shown.count("as declared") == len(listed["topics"])
    other = shiftcast("topics", "create", env={**env, "SHIFTCAST_PARTITIONS": "7"})
    assert other.exit_code == 1
    assert "ads.click.v1: partitions is 4, wanted 7" in other.output


@pytest.mark.broker
def test_dead_letters_are_listed_without_their_keys_and_sent_again_once(broker: str) -> None:
    env = {"KAFKA_BROKER": broker}
    shiftcast("topics", "create", env=env)
    user, offset = uuid.uuid4().hex, uuid.uuid4().int & 0xFFFFFFFF
    record: Any = ConsumerRecord(CLICK.name, 1, offset, 1, 1, user.encode(), b"{}", None, 0, 0, ())
    asyncio.run(_send(broker, dead_letter(record, "test", "decode", "missing_field", "no id")))
    letter = f"ads.click.v1/1/{offset}"
    listed = shiftcast("dead-letters", "list", "--json", "--limit", "100000", env=env)
    rows = {row["id"]: row for row in json.loads(listed.output)["shown"]}
    assert rows[letter]["reason"] == "missing_field"
    assert not rows[letter]["replayed"]
    assert user not in listed.output
    assert (
        json.loads(
            shiftcast("dead-letters", "replay", "--id", letter, "--dry-run", "--json", env=env).output
        )["would_send"]
        == 1
    )
    assert (
        json.loads(shiftcast("dead-letters", "replay", "--id", letter, "--json", env=env).output)["sent"] == 1
    )
    assert (
        json.loads(shiftcast("dead-letters", "replay", "--id", letter, "--json", env=env).output)["sent"] == 0
    )
    assert (
        json.loads(shiftcast("dead-letters", "replay", "--id", letter, "--again", "--json", env=env).output)[
            "sent"
        ]
        == 1
    )
    unknown = shiftcast("dead-letters", "replay", "--id", "ads.click.v1/0/123456789012", env=env)
    assert unknown.exit_code == 1
    assert "`shiftcast dead-letters list`" in unknown.output


async def _send(broker: str, output: Output) -> None:
    producer = OutputProducer(Settings(broker=broker))
    await producer.start()
    await producer.send([output])
    await producer.stop()
