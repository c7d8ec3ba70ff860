"""A worker looks through its memory once before it has lanes: their events and heartbeats do not wait for
that."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.settings import Settings
from streams.topics import IMPRESSION
from streams.worker import engine as engine_module
from streams.worker.app import build_app
from streams.worker.engine import attach
from streams.worker.heap import settle_heap
from tests.streams.worker.toy_worker import Tally


@pytest.fixture
def thawed() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_was_loaded_is_looked_through_before_the_producers_connect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = attach(
        build_app(Settings(data_dir=tmp_path), "toy", [IMPRESSION]), Tally([IMPRESSION.name, "other"])
    )
    steps: list[str] = []

    def step(name: str) -> None:
        assert not engine.lanes
        steps.append(name)

    async def connect(name: str) -> None:
        step(name)

    monkeypatch.setattr(engine_module, "settle_heap", lambda: step("heap"))
    monkeypatch.setattr(engine.outputs, "start", lambda: connect("outputs"))
    monkeypatch.setattr(engine.changelog, "start", lambda: connect("changelog"))
    asyncio.run(engine.start())
    assert steps == ["heap", "outputs", "changelog"]


@pytest.mark.usefixtures("thawed")
def test_what_is_settled_is_not_looked_through_again() -> None:
    gc.unfreeze()
    settle_heap()
    settled = gc.get_freeze_count()
    assert settled > 10_000
    circle: list[object] = []
    circle.append(circle)
    del circle
    assert gc.collect() >= 1
    assert gc.get_freeze_count() == settled and len(gc.get_objects()) < settled
