"""What a worker would only wait for, it does not wait for."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import Any, cast

import pytest

from streams.settings import Settings
from streams.worker import prompt
from streams.worker.app import build_app


def test_tables_are_taken_as_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = build_app(Settings(broker="127.0.0.1:1"), "toy", []).tables
    assert isinstance(tables, prompt.TableManager)
    done = list[str]()

    def noted(what: str) -> Any:
        async def note(*_: Any) -> None:
            done.append(what)

        return note

    monkeypatch.setattr(tables, "sleep", noted("slept"))
    monkeypatch.setattr(tables, "_update_channels", noted("tables are there"))
    monkeypatch.setattr(tables.recovery, "start", noted("recovery begins"))
    asyncio.run(tables.on_start())
    assert done == ["tables are there", "recovery begins"]


def test_a_worker_whose_tasks_have_ended_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = build_app(Settings(broker="127.0.0.1:1"), "toy", []).conf.Worker
    assert worker is prompt.PromptWorker
    waits = list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    asyncio.run(prompt.PromptWorker._sentinel_task(cast(Any, None)))
    assert waits == [0]


@pytest.mark.parametrize("crashed", [False, True])
def test_a_worker_that_has_closed_all_is_gone_at_once_and_a_crash_is_told(
    monkeypatch: pytest.MonkeyPatch, crashed: bool
) -> None:
    ended = list[int]()

    def close(_: object) -> None:
        if crashed:
            raise RuntimeError("crashed")

    monkeypatch.setattr("faust.Worker._shutdown_loop", close)
    monkeypatch.setattr("os._exit", ended.append)
    monkeypatch.setattr("logging.shutdown", lambda: None)
    with pytest.raises(RuntimeError) if crashed else nullcontext():
        prompt.PromptWorker._shutdown_loop(object.__new__(prompt.PromptWorker))
    assert ended == ([] if crashed else [0])
