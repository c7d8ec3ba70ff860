"""The folder of pictures and clips over HTTP, for a laptop and for the page; in production a CDN has its
place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from aiohttp import web

from agents.rendering.files.file_names import CACHE_CONTROL, FILE_NAME, type_of
from agents.rendering.files.index_page import POLICY, index_page, shown_files
from streams.http_server import BoundedServer
from streams.loud_end import stop_signals
from streams.settings import Settings

_NOT_SNIFFED: Final = {"X-Content-Type-Options": "nosniff"}
_HEADERS: Final = {
    "Cache-Control": CACHE_CONTROL,
    **_NOT_SNIFFED,
    "Access-Control-Allow-Origin": "*",
}


def file_handler(folder: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Answers `{name}` of a route from the folder: pictures and clips alone, whatever else lies there."""

    async def file(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        path = folder / name
        if not FILE_NAME.fullmatch(name) or not path.is_file():
            raise web.HTTPNotFound(text="no such picture\n")
        return web.FileResponse(path, headers={**_HEADERS, "Content-Type": type_of(name)})

    return file


def index_handler(folder: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Answers with a page of what the folder has."""

    async def index(_request: web.Request) -> web.StreamResponse:
        page = index_page(await asyncio.to_thread(shown_files, folder))
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        return web.Response(text=page, content_type="text/html", headers={**headers, **_NOT_SNIFFED})

    return index


async def serve_assets(settings: Settings, say: Callable[[str], None]) -> None:
    """Serves until a signal stops it; says the address once it answers. Raises OSError."""
    ended = asyncio.Event()
    for number in stop_signals():
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    app = web.Application()
    app.router.add_get("/", index_handler(settings.assets_dir))
    app.router.add_get("/{name}", file_handler(settings.assets_dir))
    server = BoundedServer(app)
    await server.start(settings.assets_bind, settings.assets_port)
    try:
        say(f"http://{settings.assets_bind}:{server.port}/")
        await ended.wait()
    finally:
        await server.stop()
