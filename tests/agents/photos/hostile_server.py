"""A server on this machine that behaves badly, under names that a resolver of the tests knows."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from PIL import Image


def picture_bytes(size: tuple[int, int] = (320, 200), form: str = "JPEG") -> bytes:
    """A picture of two colours."""
    image = Image.new("RGB", size, (200, 30, 40))
    image.paste((20, 40, 200), (size[0] // 4, 0, size[0] // 2, size[1]))
    made = BytesIO()
    image.save(made, form)
    return made.getvalue()


@dataclass
class Names(AbstractResolver):
    """Every name is at `addresses`, one after the other where there are several turns."""

    turns: list[list[str]] = field(default_factory=lambda: [["127.0.0.1"]])
    asked: list[str] = field(default_factory=list)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        at = self.turns[min(len(self.asked), len(self.turns)) - 1]
        return [
            ResolveResult(hostname=host, host=each, port=port, family=socket.AF_INET, proto=0, flags=0)
            for each in at
        ]

    async def close(self) -> None:
        return


@dataclass
class Hostile:
    """Counts what it was asked for."""

    port: int = 0
    asked: list[str] = field(default_factory=list)

    def url(self, path: str, host: str = "img.example") -> str:
        """Where the server is asked for something."""
        return f"http://{host}:{self.port}/{path}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """By the path."""
        path = request.match_info["path"]
        self.asked.append(path)
        if path.startswith("to/"):
            raise web.HTTPFound(request.query["url"])
        if path == "loop":
            raise web.HTTPFound("/loop")
        if path == "broken":
            return web.Response(status=302, headers={"Location": request.query["to"]})
        if path == "slow":
            return await self._dripped(request, 1, 1_000_000)
        if path == "endless":
            return await self._dripped(request, 65_536, 1_000, pause_s=0)
        if path not in BODIES:
            raise web.HTTPNotFound
        kind, body = BODIES[path]
        if path == "fine" and "huge" in request.query:
            return web.Response(body=body, content_type=kind, headers={"Content-Length": "99999999"})
        return web.Response(body=body, content_type=kind)

    async def _dripped(
        self, request: web.Request, size: int, times: int, pause_s: float = 0.05
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
        await response.prepare(request)
        for _ in range(times):
            await response.write(bytes(size))
            await asyncio.sleep(pause_s)
        return response


def bomb() -> bytes:
    """A PNG of a kilobyte that says it unpacks to 3,600 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    data = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


BODIES = {
    "fine": ("image/jpeg", picture_bytes()),
    "page": ("text/html", b"<script>alert(1)</script>"),
    "svg": ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "liar": ("image/jpeg", b"<svg onload='alert(1)'/>" * 9),
    "bomb": ("image/png", bomb()),
}


@asynccontextmanager
async def hostile_server() -> AsyncIterator[Hostile]:
    """Serves while it is entered."""
    made = Hostile()
    app = web.Application()
    app.router.add_get("/{path:.*}", made.answer)
    async with TestServer(app) as server:
        assert server.port is not None
        made.port = server.port
        yield made
