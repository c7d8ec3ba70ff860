"""The page as a server: what keeps it fresh while it runs, and the link that the operator opens."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from agents.overview.inquiries import Inquiries
from agents.overview.looks import keep_looking
from agents.overview.page import Page
from agents.overview.routes import build_page
from agents.overview.state import WATCHED, Overview
from agents.overview.tail import Tail
from streams.broker.follow import Follower
from streams.http_server import BoundedServer
from streams.loud_end import RefusedError, line_of, stop_signals
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.topics import ARTIFACT, CREATIVE_METRIC, EXPERIMENT, INPUT


def hosts_of(bind: str) -> frozenset[str]:
    """Host names to answer to: those of this machine alone while bound to loopback, else all."""
    return (
        frozenset({"127.0.0.1", "localhost", "[::1]"})
        if bind in {"127.0.0.1", "localhost", "::1"}
        else frozenset()
    )


def page_application(page: Page, settings: Settings) -> web.Application:
    """The page together with what keeps it fresh."""

    async def follow(_app: web.Application) -> AsyncIterator[None]:
        tail = Tail(
            settings, [spec.name for spec in WATCHED], lambda record: (page.overview.take(record), None)[1]
        )
        followers = (
            Follower(settings, (EXPERIMENT,), page.experiments.on_record),
            Follower(settings, (CREATIVE_METRIC,), page.earnings.on_record, wanted=page.earnings.wants),
            Follower(settings, (INPUT,), page.inputs.on_record),
            Follower(settings, (ARTIFACT,), page.on_artifact, wanted=page.wants_artifact),
        )

        def check() -> None:
            tail.check()
            for each in followers:
                if each.failed is not None:
                    raise RefusedError(line_of(each.failed))

        await tail.start()
        for each in followers:
            await each.start()
        looking = asyncio.create_task(keep_looking(settings, page.take, check))
        yield
        await cancelled(looking)
        for each in followers:
            await each.stop()
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
    overview = Overview(secrets.token_bytes(16))
    inquiries = Inquiries(settings, overview.pseudonym)
    page = Page(
        overview, token, hosts_of(settings.page_bind), inquiries=inquiries, pictures=settings.assets_dir
    )
    server = BoundedServer(page_application(page, settings))
    await server.start(settings.page_bind, settings.page_port)
    try:
        say(link(settings.page_bind, server.port, token))
        await ended.wait()
    finally:
        await server.stop()
