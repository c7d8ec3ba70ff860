"""Clients that are idle, slow, half open, deaf or too talkative hold up nobody."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator

import pytest
from aiohttp import ClientSession, web

from streams.http_server import BoundedServer, serve_in_thread

LINE = b"GET /health HTTP/1.1\r\nHost: x\r\n"
PATIENCE_S = 60
DEAF_BYTES = 64 << 20


def application() -> web.Application:
    made = web.Application()

    async def health(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def large(_request: web.Request) -> web.Response:
        return web.Response(body=bytes(DEAF_BYTES))

    made.router.add_get("/health", health)
    made.router.add_get("/large", large)
    return made


@contextlib.contextmanager
def connected(port: int, number: int) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_S))
            for _ in range(number)
        ]


def answer(port: int, request: bytes) -> bytes:
    """Everything the server says until it closes."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(65_536), b""))


def healthy(port: int) -> bool:
    return answer(port, LINE + b"\r\n").startswith(b"HTTP/1.1 200")


@pytest.fixture(scope="module")
def port() -> int:
    return serve_in_thread(application, "127.0.0.1", 0)


@pytest.mark.parametrize("begin", [b"", b"G", LINE, LINE + b"X: " + b"a" * 4_000], ids=len)
def test_two_hundred_connections_that_never_finish_a_request(port: int, begin: bytes) -> None:
    with connected(port, 200) as clients:
        for client in clients:
            with contextlib.suppress(ConnectionError):  # the oldest made room
                client.sendall(begin)
        assert healthy(port)
        for client in clients:
            with contextlib.suppress(ConnectionError):
                client.sendall(b"a")  # one byte at a time is no way to stay
        assert healthy(port)


@pytest.mark.parametrize(
    "request_bytes",
    [
        LINE + b"X: " + b"a" * 20_000 + b"\r\n\r\n",
        LINE + b"X: a\r\n" * 2_000 + b"\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
    ids=["long header", "many headers", "long path", "TLS"],
)
def test_what_is_too_large_or_not_http_is_refused_without_a_trace(
    port: int, request_bytes: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with contextlib.suppress(ConnectionError):
        assert answer(port, request_bytes).startswith(b"HTTP/1.") and b" 400 " in answer(port, request_bytes)
    assert healthy(port)
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


def test_a_port_that_is_taken_is_an_oserror(port: int) -> None:
    with pytest.raises(OSError, match="in use"):
        serve_in_thread(application, "127.0.0.1", port)


def test_an_address_that_cannot_be_taken_is_told_before_anything_is_waited_for(port: int) -> None:
    async def never(_app: web.Application) -> None:
        pytest.fail("the set-up, as one that waits for a broker, has begun")

    app = application()
    app.on_startup.append(never)
    with pytest.raises(OSError, match="in use"):
        asyncio.run(BoundedServer(app).start("127.0.0.1", port))


def test_a_reserved_address_takes_no_connection_before_it_listens() -> None:
    async def story() -> None:
        server = BoundedServer(application())
        await server.reserve("127.0.0.1", 0)
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", server.port)
        await server.listen()
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{server.port}/health") as told:
            assert told.status == 200
        await server.stop()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_an_address_is_reserved_once_and_free_again_when_its_server_has_stopped() -> None:
    async def story() -> None:
        first, second = BoundedServer(application()), BoundedServer(application())
        await first.reserve("127.0.0.1", 0)
        with pytest.raises(OSError, match="in use"):
            await second.reserve("127.0.0.1", first.port)
        await second.stop()
        await first.listen()
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{first.port}/health") as told:
            assert told.headers["Connection"] == "close", "the server ends it, and its end lasts a minute"
        await first.stop()
        again = BoundedServer(application())
        await again.start("127.0.0.1", first.port)
        await again.stop()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_a_connection_ends_within_its_bound_though_its_client_sends_or_reads_nothing() -> None:
    async def story() -> None:
        server = BoundedServer(application(), connection_s=0.05)
        await server.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        deaf_reader, deaf = await asyncio.open_connection("127.0.0.1", server.port, limit=1)
        deaf.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        while server._runner.server and server._runner.server.connections:
            await asyncio.sleep(0.01)
        for each in (writer, deaf):
            each.close()
            with contextlib.suppress(ConnectionError):
                await each.wait_closed()
        del deaf_reader
        await server.stop()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_the_oldest_connection_makes_room_and_each_carries_one_request() -> None:
    async def story() -> None:
        server = BoundedServer(application(), most=2, connection_s=PATIENCE_S)
        await server.start("127.0.0.1", 0)
        oldest, first = await asyncio.open_connection("127.0.0.1", server.port)
        _, second = await asyncio.open_connection("127.0.0.1", server.port)
        async with ClientSession() as session:
            for _ in range(3):
                async with session.get(f"http://127.0.0.1:{server.port}/health") as response:
                    assert (response.status, response.headers["Connection"]) == (200, "close")
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(oldest.read(), PATIENCE_S) == b""
        for each in (first, second):
            each.close()
            with contextlib.suppress(ConnectionError):
                await each.wait_closed()
        await server.stop()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_a_kept_connection_carries_many_requests_and_ends_when_it_has_been_idle() -> None:
    async def story() -> None:
        server = BoundedServer(application(), connection_s=0.5, keep=True)
        await server.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        half, slow = await asyncio.open_connection("127.0.0.1", server.port)
        slow.write(b"GET /hea")  # a request that never ends is no reason to stay
        for _ in range(3):
            writer.write(LINE + b"\r\n")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
            assert b"200" in head and b"close" not in head.lower()
            assert await reader.readexactly(3) == b"ok\n"
        for silent in (reader, half):
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(silent.read(), PATIENCE_S) == b""
        for each in (writer, slow):
            each.close()
            with contextlib.suppress(ConnectionError):
                await each.wait_closed()
        assert server._runner.server and not server._runner.server.connections
        await server.stop()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))
