"""What a worker answers on its metrics port."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from typing import Any, get_args, get_type_hints

import pytest

from agents.creatives.plan import Refusal
from streams import metrics_server
from streams.metrics.lanes import APPLIED_OFFSET, COMMITTED_OFFSET, LAG, forget_partitions, shown_metrics_of
from streams.metrics_server import serve_metrics
from streams.records.results import GENERATION_STATUSES, GenerationResult
from streams.settings import Settings

State = dict[str, str]


def shown() -> str:
    """What a fresh process exposes."""
    return subprocess.run(
        [sys.executable, "-c", "from prometheus_client import generate_latest as g; import streams.metrics; "
         "print(g().decode())"], check=True, capture_output=True, text=True
    ).stdout  # fmt: skip


def test_counters_that_alerts_compare_begin_at_zero() -> None:
    text = shown()
    for status in GENERATION_STATUSES:
        assert f'shiftcast_generations_total{{status="{status}"}} 0.0' in text
    for outcome in ("switched", "refused"):
        assert f'shiftcast_copywriter_swaps_total{{outcome="{outcome}"}} 0.0' in text


def test_every_status_of_a_request_is_known() -> None:
    assert set(get_args(get_type_hints(Refusal)["status"])) <= set(GENERATION_STATUSES)
    described = (GenerationResult.__doc__ or "").partition(":")[2].strip(" .").split("|")
    assert [each.strip() for each in described] == list(GENERATION_STATUSES)


def test_a_partition_that_went_away_is_forgotten() -> None:
    LAG.labels("ads.click.v1", 3).set(7)
    COMMITTED_OFFSET.labels("ads.click.v1", 3).set(7)
    forget_partitions()
    assert not any(each.samples for each in (*LAG.collect(), *COMMITTED_OFFSET.collect()))


def test_a_partition_that_came_back_is_shown_again() -> None:
    for offset in (7, 9):
        shown_metrics_of("ads.click.v1", 3)[1].set(offset)
        (found,) = (sample.value for each in APPLIED_OFFSET.collect() for sample in each.samples)
        assert found == offset
        forget_partitions()


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
        port = serve_metrics(Settings(), "toy", lambda: state["health"], lambda: state["ready"])
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
    monkeypatch.setattr(metrics_server, "TURN_S", 0.2)

    async def story(port: int, state: State) -> None:
        state.update(health="records wait and none is applied", ready="the broker has not answered")
        assert await asyncio.to_thread(status, port, "/live") == (200, b"ok\n")
        code, text = status(port, "/live")  # the loop is held by this very call
        assert code == 503 and b"has not turned" in text and b"it is in " in text
        assert status(port, "/metrics")[0] == 200, "a stuck loop is seen from outside"

    served(story)
