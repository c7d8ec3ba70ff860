"""`shiftcast why`, `advise` and `report` as an operator types them, over topics of a real broker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from agents.commands.telling import advise, report, why
from streams import records as r
from streams import topics
from streams.broker.admin import create
from streams.broker.producer import OutputProducer
from streams.local_broker.server import Broker
from streams.records import Record
from streams.settings import Settings
from streams.topics import TopicSpec
from streams.wire.codecs import encode, headers
from streams.wire.dead_letters import dead_letter
from streams.wire.output import Output
from streams.wire.partition import partition
from tests.agents.explaining.recorded import CREATIVE, CREATIVE_ID, EARLIER, ENDED, REQUEST, metric
from tests.agents.explaining.test_report import cell, whole
from tests.agents.overview.test_overview import Arrived

pytestmark = pytest.mark.broker
PARTITIONS = 2
KEY = "u:u1|c1|native"
UNDRAWN = Arrived(topics.RENDER_REQUEST.name, encode(r.RenderRequest(CREATIVE)), KEY.encode())


def sent(spec: TopicSpec, key: str, record: Record, of: str) -> Output:
    where = partition(of.encode(), PARTITIONS)
    return Output(spec.name, key.encode(), encode(record), where, headers(spec.ce_type, "e", 1))


async def publish(settings: Settings) -> None:
    await create(settings)
    outputs = OutputProducer(settings)
    await outputs.start()
    days = [cell("k01", 99), cell("k02", 1), whole(100)]
    cells = [metric("k01", 4_000, 60), metric("k01", 4_000, 200, arm="offer.t1")]
    try:
        await outputs.send(
            [
                sent(topics.CREATIVE, KEY, CREATIVE, "u1"),
                sent(topics.REQUEST, "u1", REQUEST, "u1"),
                dead_letter(UNDRAWN, "renderer", "render", "NO_FONT", "no font has a script of it"),
                *(sent(topics.GENERATION, "u1", each, "u1") for each in (*EARLIER, ENDED)),
                *(
                    sent(topics.CREATIVE_METRIC, f"c1|t1|{each.arm}|native|k01|0", each, each.arm)
                    for each in cells
                ),
                *(
                    sent(topics.CREATIVE_METRIC, f"c1|{each.arm}|{each.segment}|day", each, each.arm)
                    for each in days
                ),
            ]
        )
    finally:
        await outputs.stop()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    local = Broker(Path(tmp_path_factory.mktemp("explaining-broker")))
    address = local.start().address
    assert address is not None
    try:
        made = Settings(broker=address, partitions=PARTITIONS)
        asyncio.run(publish(made))
        yield made
    finally:
        local.stop()
        local.wipe()


def typed(settings: Settings, command: click.Command, *arguments: str) -> Result:
    env = {"KAFKA_BROKER": settings.broker, "SHIFTCAST_PARTITIONS": str(PARTITIONS)}
    return CliRunner().invoke(command, list(arguments), env=env)


def test_why_tells_a_creative_from_the_topics(settings: Settings) -> None:
    told = json.loads(typed(settings, why.command, CREATIVE_ID, "--json").output)
    assert told["gained"] == [["lamps", 0.4]] and told["arm"] == "scene.t1"
    assert told["earned"]["clicks"] == 60 and told["missing"] == []
    assert len(told["times_ms"]) == 3 and told["user"] != "u1"
    assert told["picture"] == "none of its own: NO_FONT, no font has a script of it"
    assert "A lamp for you" in typed(settings, why.command, CREATIVE_ID).output


def test_an_unknown_creative_is_answered_with_what_to_type(settings: Settings) -> None:
    result = typed(settings, why.command, "cr_0000000000000000")
    assert result.exit_code == 1 and "shiftcast show-user USER" in result.output


def test_advise_tells_what_holds_a_campaign_back(settings: Settings) -> None:
    told = json.loads(typed(settings, advise.command, "c1", "--json").output)
    assert [each["kind"] for each in told["advice"]] == ["arm"]
    assert "style scene" in typed(settings, advise.command, "c1").output
    unknown = typed(settings, advise.command, "c2")
    assert unknown.exit_code == 1 and "did you mean c1" in unknown.output


def test_report_writes_what_an_advertiser_may_have(settings: Settings, tmp_path: Path) -> None:
    said = typed(settings, report.command, "c1", "--out", str(tmp_path / "report.csv"))
    assert said.exit_code == 0 and "1 days; 2 cells and 0 whole days stay untold" in said.output
    header, only = (tmp_path / "report.csv").read_text().splitlines()
    assert header.startswith("day,template_id,") and only.startswith("2024-10-04,*,*,*,*,100,200,")
    unknown = typed(settings, report.command, "c9")
    assert unknown.exit_code == 1 and "did you mean c1?" in unknown.output
