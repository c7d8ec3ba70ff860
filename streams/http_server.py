"""An HTTP server that no client can hold up: each connection carries one request and ends within a bound, or
is kept for more and ends when none was answered for as long; and past a number of connections the oldest
makes room for the newest.

Without both bounds an idle or half-open connection is kept for ever; a few hundred of them use up the
process's file descriptors, which RocksDB and the Kafka clients of the same process need.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

CONNECTION_S: Final = 10.0
"""From the first packet to the last byte of the answer; where connections are kept, from answer to answer."""
_LOOK_S: Final = 1.0
MOST_CONNECTIONS: Final = 128

_log: Final = logging.getLogger(__name__)
_log.addFilter(lambda said: not (said.exc_info and isinstance(said.exc_info[1], HttpProcessingError)))
"""What is not HTTP is answered with 400; a stack trace per such request would be the client's to write."""


class BoundedServer:
    """Serves one application on the running loop. Read `port` after `start` or `reserve`."""

    def __init__(
        self,
        app: web.Application,
        *,
        most: int = MOST_CONNECTIONS,
        connection_s: float = CONNECTION_S,
        keep: bool = False,
    ) -> None:
        app.on_response_prepare.append(self._answering if keep else _one_request)
        self._keep = keep
        self._heard_s: dict[asyncio.Protocol, float] = {}  # of connections that are kept
        self._watch: asyncio.Task[None] | None = None
        self._runner = web.AppRunner(
            app, access_log=None, logger=_log, lingering_time=0, shutdown_timeout=1, handle_signals=False
        )
        self._most, self._connection_s = most, connection_s
        self._listener: asyncio.Server | None = None
        self.port = 0

    async def start(self, bind: str, port: int) -> None:
        """Listens; port 0 takes a free one. Raises OSError."""
        await self.reserve(bind, port)
        await self.listen()

    async def reserve(self, bind: str, port: int) -> None:
        """Takes the address and no connection yet: a wrong one is told before anything is waited for. Raises
        OSError."""
        try:
            self._listener = await self._bound(bind, port, False)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            # By another, or by connections of before that have not died away: only those may be passed over.
            self._listener = await self._bound(bind, port, True)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _bound(self, bind: str, port: int, reuse: bool) -> asyncio.Server:
        """Without `reuse` nobody else can take the address, though it does not listen yet."""
        return await asyncio.get_running_loop().create_server(
            self._accept, bind, port, reuse_address=reuse, start_serving=False
        )

    async def listen(self) -> None:
        """Sets the application up, then takes connections."""
        assert self._listener is not None, "an address is reserved before"
        try:
            await self._runner.setup()
            for each in self._listener.sockets:  # its connections, which inherit it, hold up no next server
                each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            await self._listener.start_serving()
        except BaseException:
            await self.stop()
            raise
        if self._keep:
            self._watch = asyncio.create_task(self._cut_idle())

    async def stop(self) -> None:
        """Takes no more connections, ends those there are, and gives the address back."""
        if self._listener is not None:
            self._listener.close()
        if self._watch is not None:
            self._watch.cancel()
        await self._runner.cleanup()

    def _accept(self) -> asyncio.Protocol:
        server = self._runner.server
        assert server is not None, "connections come after the set-up"
        for oldest in server.connections[: max(0, len(server.connections) - self._most + 1)]:
            _cut(oldest)
        connection = server()
        loop = asyncio.get_running_loop()
        if self._keep:
            self._heard_s[connection] = loop.time()
        else:
            loop.call_later(self._connection_s, _cut, connection)
        return connection

    async def _answering(self, request: web.Request, _response: web.StreamResponse) -> None:
        self._heard_s[request.protocol] = asyncio.get_running_loop().time()

    async def _cut_idle(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            server = self._runner.server
            now_s = asyncio.get_running_loop().time()
            open_now = server.connections if server is not None else []
            self._heard_s = {each: self._heard_s.get(each, now_s) for each in open_now}
            for each in open_now:
                if now_s - self._heard_s[each] > self._connection_s:
                    _cut(each)


def _cut(connection: web.RequestHandler) -> None:
    """End a connection, even one whose client does not read; nothing happens to one that has ended."""
    if connection.transport is not None:
        connection.transport.abort()
    connection.force_close()


async def _one_request(_request: web.Request, response: web.StreamResponse) -> None:
    response.force_close()
    response.headers["Connection"] = "close"  # aiohttp has written its own headers before it asks here


def serve_in_thread(make: Callable[[], web.Application], bind: str, port: int) -> int:
    """Serve what `make` returns from a thread with a loop of its own, as long as the process lives; the port
    it listens on. Raises OSError."""
    listening: Future[int] = Future()

    async def serve() -> None:
        server = BoundedServer(make())
        try:
            await server.start(bind, port)
        except BaseException as error:
            listening.set_exception(error)
            return
        listening.set_result(server.port)
        await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(serve()), name="http", daemon=True).start()
    return listening.result()
