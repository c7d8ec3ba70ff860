"""The collector over HTTP: who is answered is on disk, a click leads to the creative's page and nowhere else,
and what others made up, repeat or flood is refused."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.collecting.buffer import EventBuffer, KeptNowhereError
from agents.collecting.server import PIXEL, Collecting, collector_application
from agents.collecting.syncing import Syncer
from models.beacon.address import PATH
from streams.http_server import BoundedServer
from streams.rates import Rates
from tests.agents.collecting.beacons import NOW_MS, SEAL, TARGET, click, sealed, showing


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Place:
    """A collector, its disk and a client."""

    def __init__(self, folder: Path, most_bytes: int = 1 << 20, per_s: float = 1_000, **more: Any) -> None:
        self.buffer = EventBuffer(folder / f"b{random.getrandbits(40)}", most_bytes)
        self.syncer = Syncer(self.buffer, more.pop("synced", False))
        self.woken = 0
        self.collecting = Collecting(
            SEAL, self.buffer, self.syncer, Rates(per_s), self._wake, clock_ms=lambda: NOW_MS, **more
        )

    def _wake(self) -> None:
        self.woken += 1

    @asynccontextmanager
    async def up(self) -> AsyncIterator[Place]:
        server = BoundedServer(collector_application(self.collecting), keep=True)
        await server.start("127.0.0.1", 0)
        writing = asyncio.create_task(self.syncer.run())
        self.port = server.port
        async with ClientSession() as self.session:
            yield self
        writing.cancel()
        await server.stop()
        self.buffer.close()

    async def ask(self, path: str, method: str = "GET", **headers: str) -> Answered:
        address = f"http://127.0.0.1:{self.port}{path}"
        async with self.session.request(method, address, headers=headers, allow_redirects=False) as answer:
            return Answered(answer.status, answer.headers, await answer.read())

    def kept(self) -> list[str]:
        return [each.id[:2] for each in self.buffer.waiting(100)]


def test_a_pixel_a_beacon_and_a_click_are_on_disk_when_they_are_answered(tmp_path: Path) -> None:
    async def run() -> None:
        async with Place(tmp_path).up() as place:
            pixel = await place.ask(f"{PATH}{sealed()}?s={showing('r1')}&gdpr=1")
            assert (pixel.status, pixel.body, pixel.headers["Content-Type"]) == (200, PIXEL, "image/gif")
            assert pixel.headers["Cache-Control"] == "no-store" and place.kept() == ["im"]
            assert (await place.ask(f"{PATH}{sealed(event=3)}?s={showing('r1')}", "POST")).status == 204
            led = await place.ask(f"{PATH}{click()}?s={showing('r1')}")
            assert (led.status, led.headers["Location"]) == (302, TARGET)
            assert place.kept() == ["im", "im", "ck"] and place.woken == 3
            tracked = await place.ask(f"{PATH}{sealed(event=0)}?s={showing('r1')}")
            assert (tracked.status, place.kept()[-1]) == (200, "ck")

    asyncio.run(run())


def test_who_follows_the_link_of_a_reaction_is_thanked_and_heard(tmp_path: Path) -> None:
    async def run() -> None:
        async with Place(tmp_path).up() as place:
            address = f"{PATH}{sealed(event=512)}?s={showing('r1')}"
            thanked = await place.ask(address, Accept="text/html,*/*;q=0.8")
            assert thanked.status == 200 and b"Thank you" in thanked.body
            assert thanked.headers["Content-Security-Policy"] == "default-src 'none'"
            assert (await place.ask(address, Accept="image/*")).body == PIXEL
            assert (await place.ask(address, "POST")).status == 204
            assert len(set(place.kept())) == 1 and place.kept()[0] == "re"
            ahead = await place.ask(address, Accept="text/html", **{"Sec-Purpose": "prefetch"})
            assert ahead.status == 403 and len(place.kept()) == 3

    asyncio.run(run())


@pytest.mark.parametrize("synced", [False, True])
def test_repeats_have_one_id(tmp_path: Path, synced: bool) -> None:
    async def run() -> None:
        async with Place(tmp_path, synced=synced).up() as place:
            asked = f"{PATH}{sealed()}?s={showing('r1')}"
            answers = await asyncio.gather(*(place.ask(asked) for _ in range(20)))
            assert {each.status for each in answers} == {200}
            assert len({each.id for each in place.buffer.waiting(100)}) == 1

    asyncio.run(run())


def test_where_answers_wait_for_the_disk_none_comes_when_it_fails(tmp_path: Path) -> None:
    async def run() -> None:
        async with Place(tmp_path, synced=True).up() as place:

            def fail() -> None:
                raise KeptNowhereError("the disk did not take it")

            place.buffer.sync = fail  # type: ignore[method-assign]
            assert (await place.ask(PATH + sealed())).status == 503

    asyncio.run(run())


def test_nothing_is_led_anywhere_but_to_the_sealed_page(tmp_path: Path) -> None:
    async def run() -> None:
        async with Place(tmp_path).up() as place:
            evil = "https://evil.example/"
            for query in (
                f"target={evil}",
                f"url={evil}",
                f"s={evil}",
                f"a={evil}",
                f"r={evil}&redirect={evil}",
            ):
                assert (await place.ask(f"{PATH}{click()}?{query}")).headers["Location"] == TARGET
            for path in (
                f"{PATH}{evil}",
                f"{PATH}{click()}/{evil}",
                f"//{evil}",
                f"{PATH}%2F%2Fevil.example",
            ):
                refused = await place.ask(path)
                assert refused.status in (403, 404) and "Location" not in refused.headers
            assert "Location" not in (await place.ask(f"{PATH}{sealed()}?target={evil}")).headers

    asyncio.run(run())


def test_what_is_refused_is_not_kept_and_says_why(tmp_path: Path) -> None:
    async def run() -> None:
        async with Place(tmp_path).up() as place:
            assert (await place.ask(PATH + sealed()[:-2])).status == 403
            assert (await place.ask(PATH + sealed(until_s=1))).status == 410
            nobody = await place.ask(PATH + sealed(user=""))
            assert nobody.status == 422 and b"user=" in nobody.body
            assert (await place.ask(PATH + sealed(), **{"Sec-Purpose": "prefetch;prerender"})).status == 403
            assert (await place.ask(PATH + sealed(), "HEAD")).status == 405
            led = await place.ask(PATH + click(user=""))
            assert (led.status, led.headers["Location"]) == (302, TARGET), "who clicks gets there"
            assert place.kept() == [] and place.woken == 0

    asyncio.run(run())


def test_without_room_nothing_is_answered_as_kept(tmp_path: Path) -> None:
    async def run() -> None:
        async with Place(tmp_path, most_bytes=1_000).up() as place:
            answers = [await place.ask(f"{PATH}{click()}?s={number}") for number in range(8)]
            kept = [each for each in answers if each.status == 302]
            refused = [each for each in answers if each.status == 503]
            assert len(kept) == len(place.buffer) > 0 and len(kept) + len(refused) == 8 and refused
            assert all(each.headers["Retry-After"] == "5" for each in refused)
            place.buffer.sent(1)
            assert (await place.ask(f"{PATH}{click()}?s=again")).status == 302

    asyncio.run(run())


def test_an_address_asks_no_more_often_than_it_may_and_proxies_name_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with Place(tmp_path, per_s=2).up() as place:
            answers = [
                await place.ask(PATH + sealed(), **{"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(3)
            ]
            assert [each.status for each in answers] == [200, 200, 429], "nobody of ours named them"
            assert answers[2].headers["Retry-After"] == "1"
        async with Place(tmp_path, per_s=2, proxies=1).up() as place:

            async def via(seen: str, claimed: str = "198.51.100.1") -> int:
                return (await place.ask(PATH + sealed(), **{"X-Forwarded-For": f"{claimed}, {seen}"})).status

            assert [await via("203.0.113.1") for _ in range(3)] == [200, 200, 429]
            assert await via("203.0.113.1", "192.0.2.9") == 429, "what a client claims is no address"
            assert [await via(f"2001:db8::{n}") for n in (1, 2, 3)] == [200, 200, 429], "one subscriber"
            assert await via("2001:db8:0:1::1") == 200

            async def in_two_lines(seen: str, claimed: str) -> int:
                lines = [("X-Forwarded-For", claimed), ("X-Forwarded-For", seen)]
                address = f"http://127.0.0.1:{place.port}{PATH}{sealed()}"
                async with place.session.get(address, headers=lines) as answer:
                    return answer.status

            claims = [await in_two_lines("203.0.113.9", f"192.0.2.{n}") for n in range(3)]
            assert claims == [200, 200, 429], "nor in a line of its own"

    asyncio.run(run())


def test_what_is_too_large_or_no_http_is_refused(tmp_path: Path) -> None:
    async def run() -> None:
        async with Place(tmp_path).up() as place:

            async def raw(*lines: bytes) -> bytes:
                reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
                writer.write(b"\r\n".join([*lines, b"Host: x", b"", b""]))
                answer = await reader.readline()
                writer.close()
                return answer

            path = (PATH + sealed()).encode()
            assert b" 400 " in await raw(b"GET " + path + b"?a=" + b"a" * 70_000 + b" HTTP/1.1")
            assert b" 400 " in await raw(b"GET " + path + b" HTTP/1.1", b"Cookie: " + b"a" * 70_000)
            assert b" 400 " in await raw(b"GET " + path + b"\xff HTTP/1.1", b"X-\xff: \x00")
            assert b" 200 " in await raw(b"GET " + path + b"?a=%ff%00%f0%9f HTTP/1.1")
            assert place.kept() == ["im"]

    asyncio.run(run())


@settings(max_examples=40)
@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=200)), max_size=6), st.booleans())
def test_no_address_makes_it_fail(
    tmp_path_factory: pytest.TempPathFactory, query: list[tuple[str, str]], other: bool
) -> None:
    async def run() -> None:
        async with Place(tmp_path_factory.mktemp("c")).up() as place:
            name = query[0][0] if other and query else sealed()
            address = f"http://127.0.0.1:{place.port}{PATH}"
            async with place.session.get(address + name.replace("/", ""), params=query) as answer:
                assert answer.status < 500
                assert (answer.status == 200) == bool(len(place.buffer))

    asyncio.run(run())


def test_a_landing_page_in_other_letters_is_named_in_ascii(tmp_path: Path) -> None:
    async def run() -> None:
        async with Place(tmp_path).up() as place:
            target = "https://bücher.example:8443/é?q=ü%20x&p=a/b#ß"
            led = await place.ask(f"{PATH}{sealed(event=0, target=target)}?s={showing('r1')}")
            encoded = "https://xn--bcher-kva.example:8443/%C3%A9?q=%C3%BC%20x&p=a/b#%C3%9F"
            assert led.headers["Location"] == encoded

    asyncio.run(run())
