"""The look-up over HTTP: no token, no answer; too many, a pause; a broker that is silent is said so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import ClientSession

from agents.serving.admission import Admission
from agents.serving.campaigns import KnownCampaigns
from agents.serving.server import MOST_BODY_BYTES, STALE_S, Serving, lookup_application
from models.campaigns import Campaign, Cap
from streams.http_server import BoundedServer
from streams.wire.withdrawals import CAP_REACHED, withdrawal_output
from tests.agents.creatives.generation_fixtures import NOW_MS
from tests.agents.serving.test_answering import KEYS, creative, look_up

ASK = "/v1/creative?user=u1&slot=native&campaign=c1"


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes


Ask = Callable[..., Awaitable[Answered]]


@asynccontextmanager
async def served(serving: Serving) -> AsyncIterator[Ask]:
    server = BoundedServer(lookup_application(serving), keep=True)
    await server.start("127.0.0.1", 0)
    async with ClientSession(headers={"Authorization": "Bearer one"}) as session:

        async def ask(path: str = ASK, method: str = "GET", **more: Any) -> Answered:
            async with session.request(method, f"http://127.0.0.1:{server.port}{path}", **more) as answer:
                return Answered(answer.status, answer.headers, await answer.read())

        yield ask
    await server.stop()


def serving(silent_s: float = 0.0, per_s: float = 100) -> Serving:
    return Serving(
        Admission(["one"], per_s), lambda: silent_s, look_up(*map(creative, KEYS)), clock_ms=lambda: NOW_MS
    )


def test_an_ad_server_is_answered_over_one_connection() -> None:
    async def run() -> None:
        async with served(serving()) as ask:
            for _ in range(3):
                answer = await ask()
                assert answer.status == 200 and json.loads(answer.body)["creative_id"] == "cr_u:u1"
                assert answer.headers["Cache-Control"] == "no-store"
                assert "X-Shiftcast-Stale-S" not in answer.headers
            answer = await ask(headers={"Accept": "text/html"})
            assert answer.headers["Content-Type"] == "text/html"
            assert b"<b>Boots for wet rock</b>" in answer.body
            answer = await ask("/v1/creative?slot=text&campaign=c1")
            assert (answer.status, answer.body) == (204, b"")
            assert (await ask("/v1/creative")).status == 400
            assert (await ask("/v1/profile?user=u1")).status == 404

    asyncio.run(run())


def test_without_the_token_and_beyond_the_rate_nothing_is_answered() -> None:
    async def run() -> None:
        async with served(serving(per_s=2)) as ask:
            refused = await ask(headers={"Authorization": "Bearer two"})
            assert refused.status == 401 and b"cr_" not in refused.body
            assert [(await ask()).status for _ in range(3)] == [200, 200, 429]
            assert (await ask()).headers["Retry-After"] == "1"

    asyncio.run(run())


def test_while_the_broker_is_silent_answers_say_for_how_long() -> None:
    async def run() -> None:
        async with served(serving(silent_s=STALE_S + 55)) as ask:
            answer = await ask()
            assert (answer.status, answer.headers["X-Shiftcast-Stale-S"]) == (200, "60")

    asyncio.run(run())


def test_bytes_that_are_no_text_and_bodies_that_are_too_large_are_refused() -> None:
    async def run() -> None:
        server = BoundedServer(lookup_application(serving()), keep=True)
        await server.start("127.0.0.1", 0)
        for path in (
            b"/v1/creative?slot=native&campaign=\xff&user=\xfe",
            b"/v1/creative?slot=%ff&campaign=%00",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer one\r\n\r\n")
            assert b" 400 " in await reader.readline()
            writer.close()
        await server.stop()
        async with served(serving()) as ask:
            large = await ask("/v1/openrtb", "POST", data=b"[" + b" " * MOST_BODY_BYTES)
            assert large.status == 413
            assert (await ask("/v1/openrtb", "POST", data=b"\xff")).status == 400

    asyncio.run(run())


def test_a_body_that_is_not_as_it_says_or_breaks_off_is_refused_without_a_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run() -> None:
        async with served(serving()) as ask:
            packed = {"Content-Encoding": "gzip"}
            assert (await ask("/v1/openrtb", "POST", data=b"{}", headers=packed)).status == 400
        server = BoundedServer(lookup_application(serving()), keep=True)
        await server.start("127.0.0.1", 0)
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = (
            b"POST /v1/openrtb HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer one\r\nContent-Length: 99\r\n\r\n"
        )
        writer.write(head + b"{")
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.close()
        await asyncio.sleep(0.1)
        await server.stop()

    asyncio.run(run())
    assert [each for each in caplog.records if each.exc_info] == []


def test_a_cap_that_is_reached_leaves_nothing_of_the_campaign() -> None:
    async def run() -> None:
        known = serving()
        capped = Campaign("c1", 1, "active", "Fernway", caps=(Cap(3, 86_400, "campaign"),))
        known.campaigns = cast(KnownCampaigns, SimpleNamespace(get=lambda _: capped))
        sent = withdrawal_output("u:u1|c1|native", "cr_u:u1", CAP_REACHED, 0, NOW_MS)
        async with served(known) as ask:
            assert (await ask()).status == 200
            known.reached.creative(b"u:u1|c1|native", True, sent.headers, NOW_MS)
            assert (await ask()).status == 204
            assert (await ask(ASK.replace("user=u1", "user=u2"))).status == 200

    asyncio.run(run())
