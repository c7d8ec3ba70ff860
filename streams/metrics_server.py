"""Metrics and health of a worker over HTTP, from a thread: /metrics, /live, /health and /ready."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Final

from aiohttp import web
from prometheus_client.aiohttp import make_aiohttp_handler

from streams.address import join_address
from streams.http_server import serve_in_thread
from streams.loud_end import RefusedError, say
from streams.metrics.lanes import WORKER
from streams.settings import Settings

Complaint = Callable[[], str]
"""What is wrong right now, as one line; empty = all well."""
TURN_S: Final = 3.0
"""An event loop that has not turned for so long is stuck, or blocked by work that belongs into a thread."""


def serve_metrics(settings: Settings, app: str, unhealthy: Complaint, unready: Complaint) -> int:
    """Serve /metrics, /live, /health and /ready (503 with the complaint) from a thread and say where; the
    port it listens on.

    Call it in the worker's event loop: /live asks whether that loop turns, whatever the broker does. `app` is
    the worker's kind, without the prefix. Raises RefusedError.
    """
    loop, thread = asyncio.get_running_loop(), threading.get_ident()
    WORKER.labels(app).set(1)

    async def live(_request: web.Request) -> web.Response:
        stuck = "" if await turns(loop) else f"the event loop has not turned for {TURN_S} s: {_place(thread)}"
        return _answer(stuck)

    async def health(_request: web.Request) -> web.Response:
        return _answer(unhealthy())

    async def ready(_request: web.Request) -> web.Response:
        return _answer(unready())

    def application() -> web.Application:
        made = web.Application()
        made.router.add_get("/metrics", make_aiohttp_handler())
        made.router.add_get("/live", live)
        made.router.add_get("/health", health)
        made.router.add_get("/ready", ready)
        return made

    bind, port = settings.metrics_bind, settings.metrics_port
    try:
        port = serve_in_thread(application, bind, port)
    except OSError as error:
        raise RefusedError(
            f"the metrics cannot listen at {join_address(bind, port)} ({error.strerror or error}): set "
            "SHIFTCAST_METRICS_PORT=0 for a free port, SHIFTCAST_METRICS_BIND to an address of this machine"
        ) from error
    say(f"{app}: metrics on http://{join_address(bind, port)}/metrics, with /live, /health and /ready")
    return port


async def turns(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether a loop of another thread takes a call within TURN_S."""
    turned: Future[None] = Future()
    try:
        loop.call_soon_threadsafe(turned.set_result, None)
        await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(turned)), TURN_S)
    except (RuntimeError, TimeoutError):  # closed, or not in time
        return False
    return True


def _place(thread: int) -> str:
    """Where a thread is right now."""
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - documented in sys for this use
    if frame is None:
        return "its thread has ended"
    code = frame.f_code
    return f"it is in {code.co_qualname} ({Path(code.co_filename).name}:{frame.f_lineno})"


def _answer(complaint: str) -> web.Response:
    return web.Response(text=f"{complaint or 'ok'}\n", status=503 if complaint else 200)
