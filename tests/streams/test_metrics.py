"""What a worker answers on its metrics port."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from streams import metrics
from streams.settings import Settings

State = dict[str, str]


def status(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def served(story: Callable[[int, State], Coroutine[Any, Any, None]]) -> None:
    """Runs a story in the loop of a worker that complains of what `state` says."""
    state = {"health": "", "ready": "no partitions yet"}

    async def run() -> None:
        port = metrics.serve_metrics(Settings(), "toy", lambda: state["health"], lambda: state["ready"])
        await story(port, state)

    asyncio.run(run())


def test_health_and_readiness_are_what_the_worker_says_of_itself() -> None:
    async def story(port: int, state: State) -> None:
        async def ask(path: str) -> tuple[int, bytes]:
            return await asyncio.to_thread(status, port, path)

        assert (await ask("/health"))[0] == 200
        assert await ask("/ready") == (503, b"no partitions yet\n")
        state.update(health="records wait", ready="")
        assert await ask("/health") == (503, b"records wait\n")
        assert await ask("/ready") == (200, b"ok\n")
        text = (await ask("/metrics"))[1]
        assert b"shiftcast_records_total" in text and b'shiftcast_worker{app="toy"} 1.0' in text

    served(story)


def test_live_says_whether_the_loop_turns_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that is away or an unready worker must not be restarted; a loop that is stuck must."""
    monkeypatch.setattr(metrics, "TURN_S", 0.2)

    async def story(port: int, state: State) -> None:
        state.update(health="records wait and none is applied", ready="the broker has not answered")
        assert await asyncio.to_thread(status, port, "/live") == (200, b"ok\n")
        code, text = status(port, "/live")  # the loop is held by this very call
        assert code == 503 and b"has not turned" in text
        assert status(port, "/metrics")[0] == 200, "a stuck loop is seen from outside"

    served(story)
