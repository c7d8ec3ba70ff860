"""The read-only page: what flows, how fast, and the newest creatives. It reads topics without a group; no
route returns a profile.

Anyone who reaches the page sees counts and cards. Why a creative was made (interests gained and lost, users
as pseudonyms of this process) needs the operator's token, sent as a header; the link carries it in the
fragment, which browsers do not send to servers or in referrers.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

from aiohttp import web
from aiokafka.errors import KafkaError

from agents.overview.gauges import Gauges, GaugeSample
from agents.overview.state import WATCHED, Overview
from agents.overview.tail import Tail
from streams.broker.cancelled import cancelled
from streams.http_server import BoundedServer
from streams.loud_end import RefusedError, stop_signals
from streams.settings import Settings

HISTORY_S: Final = 180
SAMPLE_S: Final = 1.0
STALE_MS: Final = 15_000
"""Without a look at the broker for so long the page is not healthy: it would show an old picture as if it
were new."""
ASSETS: Final = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Page:
    """What the routes answer from. `token` opens the reasons; `hosts` are the names a browser may call the
    page by."""

    overview: Overview
    token: str
    hosts: frozenset[str]
    clock_ms: Callable[[], int] = field(default=lambda: time.time_ns() // 1_000_000)
    samples: deque[GaugeSample] = field(default_factory=lambda: deque(maxlen=HISTORY_S))

    def state(self) -> dict[str, Any]:
        """`/api/state`: counts, rates, lag and cards; nothing about a user."""
        now = self.samples[-1] if self.samples else None
        return {
            "now_ms": self.clock_ms(),
            "events_per_s": now.events_per_s if now else 0.0,
            "by_topic": now.by_topic if now else {},
            "lag": now.lag if now else {},
            "events": now.events if now else 0,
            "history": [sample.events_per_s for sample in self.samples],
            **self.overview.public(),
        }

    def healthy(self) -> bool:
        """Whether the last look at the broker is recent."""
        return bool(self.samples) and self.clock_ms() - self.samples[-1].now_ms < STALE_MS

    def may_read_reasons(self, authorization: str) -> bool:
        """Whether a request's Authorization header carries the operator's token; compared in constant
        time."""
        scheme, _, given = authorization.partition(" ")
        return scheme == "Bearer" and hmac.compare_digest(given.encode(), self.token.encode())


def build_page(page: Page) -> web.Application:
    """The web application of a page: GET only, no state of its own."""

    async def state(_request: web.Request) -> web.Response:
        return web.json_response(page.state())

    async def reasons(request: web.Request) -> web.Response:
        if not page.may_read_reasons(request.headers.get("Authorization", "")):
            return web.json_response(
                {"error": "reasons need the operator's token: open the link that was printed at start"},
                status=401,
            )
        return web.json_response({"reasons": page.overview.reasons()})

    async def health(_request: web.Request) -> web.Response:
        healthy = page.healthy()
        return web.json_response(
            {"status": "ok" if healthy else "no recent look at the broker"}, status=200 if healthy else 503
        )

    app = web.Application(middlewares=[_guard(page.hosts)])
    app.router.add_get("/api/state", state)
    app.router.add_get("/api/reasons", reasons)
    app.router.add_get("/health", health)
    for path, (name, kind) in ASSETS.items():
        app.router.add_get(path, _asset(name, kind))
    return app


def _asset(name: str, kind: str) -> Handler:
    text = files("agents.pages").joinpath(name).read_text(encoding="utf-8")

    async def asset(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind)

    return asset


def _guard(hosts: frozenset[str]) -> Any:
    """Sets the security headers on every answer and refuses foreign Host names (DNS rebinding); an empty set
    allows all names."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
        if hosts and name not in hosts:
            raise web.HTTPMisdirectedRequest(
                text="this page does not answer to that host name\n", headers=HEADERS
            )
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        response.headers.update(HEADERS)
        return response

    return guard


def hosts_of(bind: str) -> frozenset[str]:
    """Host names to answer to: those of this machine alone while bound to loopback, else all."""
    return (
        frozenset({"127.0.0.1", "localhost", "[::1]"})
        if bind in {"127.0.0.1", "localhost", "::1"}
        else frozenset()
    )


async def _look(page: Page, settings: Settings) -> None:
    """Samples the broker each second; a broker that is away leaves the last picture and an unhealthy page."""
    while True:
        try:
            async with Gauges(settings) as gauges:
                while True:
                    page.samples.append(await gauges.sample(page.clock_ms()))
                    await asyncio.sleep(SAMPLE_S)
        except (KafkaError, RefusedError, OSError):
            await asyncio.sleep(2 * SAMPLE_S)


def application(page: Page, settings: Settings) -> web.Application:
    """The page together with what keeps it fresh."""

    async def follow(_app: web.Application) -> AsyncIterator[None]:
        tail = Tail(
            settings, [spec.name for spec in WATCHED], lambda record: (page.overview.take(record), None)[1]
        )
        await tail.start()
        looking = asyncio.create_task(_look(page, settings))
        yield
        await cancelled(looking)
        await tail.stop()

    app = build_page(page)
    app.cleanup_ctx.append(follow)
    return app


def link(address: str, port: int, token: str) -> str:
    """What the operator opens; the token stands behind #, so no server ever sees it in an address."""
    return f"http://{f'[{address}]' if ':' in address else address}:{port}/#{token}"


async def serve_page(settings: Settings, say: Callable[[str], None]) -> None:
    """Serves until a signal stops it; says the operator's link once the page answers. Raises OSError."""
    ended = asyncio.Event()
    for number in stop_signals():
        # Set, not inherited: a shell starts background jobs with SIGINT ignored.
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    token = settings.page_token or secrets.token_urlsafe(24)
    page = Page(Overview(secrets.token_bytes(16)), token, hosts_of(settings.page_bind))
    server = BoundedServer(application(page, settings))
    await server.start(settings.page_bind, settings.page_port)
    try:
        say(link(settings.page_bind, server.port, token))
        await ended.wait()
    finally:
        await server.stop()
