"""A worker that is warming up says so, while its loop turns, and from then on counts what is compiled."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from numba import njit

from streams import metrics_server
from streams.metrics.lanes import COMPILED_AFTER_START
from streams.metrics_server import serve_metrics
from streams.settings import Settings
from streams.topics import IMPRESSION
from streams.worker import app as app_module
from streams.worker import warming_up
from streams.worker.app import build_app
from tests.streams.test_metrics import status


def test_ready_says_warming_up_until_the_kernels_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiling, compiled, ports = threading.Event(), threading.Event(), []

    def compile_slowly() -> None:
        compiling.set()
        compiled.wait(60)

    def serve_and_note(*given: Any) -> int:
        ports.append(serve_metrics(*given))
        return ports[-1]

    async def no_refusal(*_: Any) -> None:
        assert ports, "while the broker is waited for, the worker is alive"

    monkeypatch.setattr(metrics_server, "serve_metrics", serve_and_note)
    monkeypatch.setattr(warming_up, "compile_kernels", compile_slowly)
    monkeypatch.setattr(app_module, "reason_to_refuse", no_refusal)

    async def story() -> None:
        app = build_app(Settings(data_dir=tmp_path), "toy", [IMPRESSION], table=False)
        app.unhealthy = lambda: "records wait and none is applied"

        async def take(stream: Any) -> None: ...

        app.agent(app.source_topic(), name="toy")(take)
        starting = asyncio.ensure_future(app.on_first_start())
        await asyncio.to_thread(compiling.wait, 60)
        assert await asyncio.to_thread(status, ports[0], "/ready") == (503, b"warming up\n")
        assert await asyncio.to_thread(status, ports[0], "/live") == (200, b"ok\n")
        assert await asyncio.to_thread(status, ports[0], "/health") == (200, b"ok\n")
        compiled.set()
        await starting
        assert await asyncio.to_thread(status, ports[0], "/ready") == (503, b"no assignment yet\n")
        assert (await asyncio.to_thread(status, ports[0], "/health"))[0] == 503

        def counted() -> float:
            return COMPILED_AFTER_START.collect()[0].samples[0].value

        assert counted() == 0
        njit(lambda x: x + 1)(1)
        assert counted() == 1

    asyncio.run(story())
