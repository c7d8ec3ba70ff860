"""What a worker would only wait for, it does not wait for."""

from __future__ import annotations

import asyncio
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
    assert worker is prompt.Worker
    waits = list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    asyncio.run(prompt.Worker._sentinel_task(cast(Any, None)))
    assert waits == [0]
