"""Copywriters replaced under load: nothing is lost, no batch waits, the old one goes; what cannot be used is
refused."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import shutil
import threading
import weakref
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from agents.creatives.plan import Written
from agents.generation.answering import Answering
from agents.generation.jobs import Job
from agents.generation.outlet import Outlet
from agents.writing.copywriters import Loaded, announced_registry, load_first, load_release, share_sessions
from agents.writing.drafts import WritingOrder
from agents.writing.model_thread import ModelThread
from agents.writing.stub import StubCopywriter
from agents.writing.swap import Load, Writers
from models.brief.brief import Brief, Copy
from models.choice.request_queue import BatchSettings
from models.copywriter.generate import WrittenCopy
from models.copywriter.registry import Registry, RegistryError, builtin_folder
from models.release import Release
from models.rules import load_rules
from streams.artifacts.announcements import CURRENT, TRIAL, Announced
from streams.metrics.generation import SWAPS
from streams.settings import Settings
from tests.agents.creatives.generation_fixtures import line, request
from tests.agents.generation.answering_bench import Broker, Plans, clock_ms

OLD, NEW = Release("acme", "1", "a" * 64), Release("acme", "2", "b" * 64)


class Counted:
    """A copywriter that keeps the log of batches all copywriters share."""

    def __init__(self, name: str, log: list[str], ms: float = 1.0, error: Exception | None = None) -> None:
        self.model_hash, self.log, self.ms, self.error = name, log, ms, error

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
        candidates: int = 3,
        said: Sequence[object] = (),
    ) -> list[WrittenCopy]:
        if briefs[0].campaign_id != "warm_up":
            self.log.append(self.model_hash)
        if self.error:
            raise self.error
        return StubCopywriter(self.ms).write(briefs, remaining_ms, accept, candidates)


class Desk:
    """A generator without Kafka whose copywriters are announced."""

    def __init__(self, load: Load | None = None) -> None:
        self.batches: list[str] = []
        self.shadowed: list[str] = []
        self.said: dict[str, Announced] = {}
        self.broker = Broker()
        self.answered: list[str] = []
        first = Counted("old", self.batches)
        self.writers = Writers(Loaded(first, lambda: first, OLD, 1), load, load_rules, clock_ms)
        thread: ModelThread[WritingOrder, list[Written]] = ModelThread(
            self.writers.write, self.writers.renewed
        )
        thread.start()
        settings = BatchSettings(size=4, wait_ms=1, capacity=64)
        plans = Plans()
        outlet = Outlet(plans, self.broker.send, 4, clock_ms)
        self.answering = Answering(settings, plans, thread, outlet, load_rules, clock_ms)

    async def submit(self, first: int, count: int) -> None:
        for n in range(first, first + count):
            asked = request(n, f"u{n}", 1, int(clock_ms()) + 20_000)
            await self.answering.submit(
                Job(asked, 0, clock_ms(), partial(self.answered.append, asked.request_id))
            )

    def run(self, story: Callable[[], Awaitable[None]]) -> None:
        async def all_of_it() -> None:
            tasks = [
                asyncio.ensure_future(self.answering.run()),
                asyncio.ensure_future(self.writers.follow(lambda: self.said)),
            ]
            try:
                await asyncio.wait_for(story(), 30)
                await asyncio.wait_for(self.answering.finish(), 20)
            finally:
                self.writers.stop()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run(all_of_it())


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("did not happen")


def count(metric: Any, *labels: str) -> float:
    return float(metric.labels(*labels)._value.get())


def test_a_swap_under_load_loses_nothing_and_no_batch_waits_for_it() -> None:
    loading, loaded = threading.Event(), threading.Event()

    def load(release: Release, since_ms: int, running: Loaded | None) -> Loaded:
        loading.set()
        loaded.wait(20)
        fresh = Counted("new", desk.batches)
        return Loaded(fresh, lambda: fresh, release, since_ms)

    desk = Desk(load)

    async def story() -> None:
        await desk.submit(0, 40)
        desk.said[CURRENT] = Announced(NEW, 2)
        await until(loading.is_set)
        before = len(desk.batches)
        await desk.submit(40, 40)  # the queue holds 64: this goes on only while batches are written
        await until(lambda: len(desk.batches) >= before + 5)
        assert set(desk.batches) == {"old"}, "the old one writes until the new one is ready"
        loaded.set()
        await desk.submit(80, 40)
        await until(lambda: desk.writers.loaded.copywriter.model_hash == "new")
        switched = len(desk.batches)
        await desk.submit(120, 40)
        await desk.answering.finish()
        assert desk.batches[switched:].count("old") == 0, (
            "what begins after the switch is written by the new one"
        )

    desk.run(story)
    assert len(desk.broker.endings()) == len(desk.answered) == 160, "each request ended once"
    assert desk.broker.statuses() == ["model"] * 160
    assert [name for name, _ in groupby(desk.batches)] == ["old", "new"], "one switch, between two batches"
    hashes = [ending.model_hash for _, ending in sorted(desk.broker.endings().items())]
    assert set(hashes) == {"old", "new"}
    assert [name for name, _ in groupby(hashes)] == ["old", "new"], (
        "each record names the model that wrote it"
    )


def test_a_batch_is_ended_by_the_copywriter_that_began_it_and_then_the_old_one_goes() -> None:
    began, go_on = threading.Event(), threading.Event()

    class Slow(Counted):
        def write(
            self,
            briefs: Sequence[Brief],
            remaining_ms: Callable[[], float],
            accept: Callable[[Brief, Copy], bool],
            candidates: int = 3,
            said: Sequence[object] = (),
        ) -> list[WrittenCopy]:
            began.set()
            go_on.wait(20)
            return super().write(briefs, remaining_ms, accept, candidates)

    log: list[str] = []

    def loaded(copywriter: Counted, release: Release, since_ms: int) -> Loaded:
        return Loaded(copywriter, lambda: copywriter, release, since_ms)

    slow = Slow("old", log)
    writers = Writers(
        loaded(slow, OLD, 1),
        lambda release, ms, _running: loaded(Counted("new", log), release, ms),
        load_rules,
        clock_ms,
    )
    gone = weakref.ref(slow)
    del slow
    done: list[Written] = []
    batch = threading.Thread(
        target=lambda: done.extend(writers.write(WritingOrder([line()], clock_ms() + 10_000)))
    )
    batch.start()
    began.wait(20)
    asyncio.run(writers.turn({CURRENT: Announced(NEW, 2)}))
    assert writers.loaded.release == NEW
    assert gone() is not None
    go_on.set()
    batch.join(20)
    gc.collect()
    assert [each.model_hash for each in done] == ["old"]
    assert gone() is None, "the old copywriter is still held"
    assert [each.model_hash for each in writers.write(WritingOrder([line()], clock_ms() + 10_000))] == ["new"]


def test_older_news_and_news_of_the_same_change_nothing() -> None:
    asked: list[Release] = []

    def load(release: Release, since_ms: int, running: Loaded | None) -> Loaded:
        asked.append(release)
        raise ValueError("nothing is to be loaded")

    desk = Desk(load)
    asyncio.run(desk.writers.turn({CURRENT: Announced(NEW, 1)}))
    asyncio.run(desk.writers.turn({CURRENT: Announced(OLD, 5)}))
    assert (desk.writers.loaded.release, desk.writers.loaded.since_ms) == (OLD, 5)
    assert asked == []


def test_a_hung_call_is_left_behind_with_its_copywriter() -> None:
    log: list[str] = []
    hung, fresh = Counted("hung", log), Counted("fresh", log)
    writers = Writers(Loaded(hung, lambda: fresh, OLD, 1), None, load_rules, clock_ms)
    work = writers.renewed()
    assert [each.model_hash for each in work(WritingOrder([line()], clock_ms() + 10_000))] == ["fresh"]


def test_one_named_model_is_not_replaced_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk(None)
    for _ in range(3):
        asyncio.run(desk.writers.turn({CURRENT: Announced(NEW, 2)}))
    assert desk.writers.loaded.release == OLD
    assert [each.message for each in caplog.records if "SHIFTCAST_MODEL_DIR" in each.message][1:] == []
    assert "acme/2" in caplog.text


def test_an_arm_is_written_by_its_own_copywriter_and_by_the_template_while_that_is_not_there() -> None:
    log: list[str] = []

    def load(release: Release, since_ms: int, running: Loaded | None) -> Loaded:
        fresh = Counted(f"arm {release.version}", log)
        return Loaded(fresh, lambda: fresh, release, since_ms)

    first = Counted("old", log)
    writers = Writers(Loaded(first, lambda: first, OLD, 1), load, load_rules, clock_ms)
    usual, own, same = line(), line("banner_300x250"), line(title="Grey boots")
    lines = [usual, replace(own, copywriter="acme/2"), replace(same, copywriter="acme/1")]

    def written() -> dict[str, tuple[str, tuple[str, ...]]]:
        done = writers.write(WritingOrder(lines, clock_ms() + 10_000))
        return {each.line.brief.title + each.line.slot: (each.model_hash, each.codes) for each in done}

    before = list(written().values())
    assert [model for model, _ in before] == ["old", "", "old"]
    assert before[1][1] == ("NO_COPYWRITER",)
    role = f"{TRIAL}acme/2"
    asyncio.run(writers.turn({role: Announced(NEW, 5)}))
    assert [model for model, _ in written().values()] == ["old", "arm 2", "old"]
    assert writers.loaded.release == OLD
    asyncio.run(writers.turn({}))
    assert [model for model, _ in written().values()] == ["old", "", "old"]


# with real models in a real registry


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    made = Registry(tmp_path / "models")
    for version in ("1", "2"):
        folder = tmp_path / version
        shutil.copytree(builtin_folder(), folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps({**manifest, "name": "acme", "version": version}))
        made.add(folder)
    made.use("acme/1", 1)
    return made


def writers_of(registry: Registry, now: Callable[[], float] = clock_ms) -> Writers:
    settings = Settings(model_dir=registry.root)
    assert announced_registry(settings) is not None
    return Writers(load_first(settings), partial(load_release, settings, registry), load_rules, now)


def announced(registry: Registry, reference: str, since_ms: int) -> dict[str, Announced]:
    return {CURRENT: Announced(registry.find(reference), since_ms)}


@pytest.mark.parametrize("graphs", ["the same", "other"])
def test_real_versions_are_switched_and_rolled_back_and_write_alike(
    registry: Registry, tmp_path: Path, graphs: str
) -> None:
    if graphs == "other":
        manifest = json.loads((tmp_path / "2" / "manifest.json").read_text())
        shutil.rmtree(registry.root / "acme" / "2")
        (tmp_path / "2" / "manifest.json").write_text(
            json.dumps({**manifest, "floor": manifest["floor"] * 0.99})
        )
        registry.add(tmp_path / "2")
    writers = writers_of(registry)
    order, first = WritingOrder([line()], clock_ms() + 60_000), writers.loaded.copywriter
    before = [each.copy for each in writers.write(order)]
    asyncio.run(writers.turn(announced(registry, "acme/2", 2)))
    assert writers.loaded.release == registry.find("acme/2")
    assert share_sessions(writers.loaded.copywriter, first) == (graphs == "the same"), (
        "a session is made for other graphs alone"
    )
    assert [each.copy for each in writers.write(order)] == before, "nearly the same files write the same"
    registry.use("acme/2", 2)
    move = registry.roll_back(3)
    asyncio.run(writers.turn({CURRENT: Announced(move.release, move.since_ms)}))
    assert writers.loaded.release == registry.find("acme/1")


@pytest.mark.parametrize("damage", ["missing", "changed", "other manifest"])
def test_a_version_that_is_not_whole_is_refused_loudly_and_tried_again_later(
    registry: Registry, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    now = [1e12]
    writers, said = writers_of(registry, lambda: now[0]), announced(registry, "acme/2", 2)
    kept = registry.root.parent / "kept"
    folder = registry.root / "acme" / "2"
    shutil.copytree(folder, kept)
    if damage == "missing":
        shutil.rmtree(folder)
    else:
        name = (
            "manifest.json"
            if damage == "other manifest"
            else next(path.name for path in folder.iterdir() if path.suffix == ".onnx")
        )
        (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
    refused = count(SWAPS, "refused")
    for _ in range(3):
        asyncio.run(writers.turn(said))
    assert writers.loaded.release == registry.find("acme/1")
    assert count(SWAPS, "refused") == refused + 1
    errors = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "acme/2" in errors[0].message
    assert "goes on writing" in errors[0].message
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder)
    now[0] += 61_000
    asyncio.run(writers.turn(said))
    assert writers.loaded.release == said[CURRENT].release, "its files came later"


def test_what_writes_first_is_warm(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    warmed: list[object] = []
    monkeypatch.setattr("agents.writing.copywriters.warm_up_copywriter", warmed.append)
    assert load_first(Settings(model_dir=registry.root)).copywriter in warmed


def test_a_start_with_a_damaged_current_version_is_refused_with_one_line(registry: Registry) -> None:
    (registry.root / "acme" / "1" / "tokenizer.json").unlink()
    with pytest.raises(Exception, match=r"acme/1 cannot be used.*tokenizer\.json") as caught:
        load_first(Settings(model_dir=registry.root))
    assert "\n" not in str(caught.value)
    with pytest.raises(RegistryError):
        registry.current()
