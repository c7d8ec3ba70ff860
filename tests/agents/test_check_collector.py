"""What `shiftcast check` says of the collector: there with our key, there with another, something else, not
there."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest
from aiohttp import web

from agents.checks.collector import collector_findings
from agents.checks.finding import CheckFinding
from agents.collecting.buffer import EventBuffer
from agents.collecting.server import Collecting, collector_application
from agents.collecting.syncing import Syncer
from models.beacon.address import Collector
from models.beacon.seal import LEAST_KEY, Seal
from streams.http_server import BoundedServer
from streams.rates import Rates
from streams.settings import Settings
from tests.agents.collecting.beacons import KEY, SEAL


class Local(Settings):
    """A collector on this machine: settings take only addresses that browsers reach."""

    port = 1

    @property
    def collector(self) -> Collector:
        return Collector(f"http://127.0.0.1:{self.port}", SEAL)


async def found(app: web.Application | None) -> CheckFinding:
    settings, server = Local(), None if app is None else BoundedServer(app)
    if server is not None:
        await server.start("127.0.0.1", 0)
        settings.__dict__["port"] = server.port
    [finding] = await collector_findings(settings)
    if server is not None:
        await server.stop()
    return finding


@pytest.mark.parametrize(
    ("key", "level", "said"),
    [(KEY, "ok", "knows our key"), ("o" * LEAST_KEY, "error", "SHIFTCAST_COLLECT_KEYS")],
)
def test_it_knows_our_key_or_not(tmp_path: Path, key: str, level: str, said: str) -> None:
    buffer = EventBuffer(tmp_path / "b", 1 << 20)
    collecting = Collecting(Seal([key]), buffer, Syncer(buffer, False), Rates(100), lambda: None)
    finding = asyncio.run(found(collector_application(collecting)))
    assert finding.level == level and said in f"{finding.text} {finding.repair}"
    assert not len(buffer), "asking counts nothing"
    buffer.close()


def test_something_else_and_nothing() -> None:
    assert "404" in asyncio.run(found(web.Application())).text
    assert "does not answer" in asyncio.run(found(None)).text


def test_without_trackers_of_ours_nothing_is_asked() -> None:
    assert asyncio.run(collector_findings(dataclasses.replace(Settings(), collect_keys=KEY))) == []
