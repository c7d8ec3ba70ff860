"""Copywriters swapped under a real worker on a real broker: announced, killed in between, missing, rolled
back."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

import onnx
import pytest

from agents.copywriters.announcing import announce_current, let_shadow
from models.copywriter.generate import Copywriter
from models.copywriter.registry import Registry, builtin_folder
from models.release import Release
from streams import records as r
from streams.artifacts.announcements import CURRENT, Announced, announcement_output
from streams.settings import Settings
from tests.agents.generation import test_generate_creatives
from tests.agents.generation.test_generate_creatives import Cluster
from tests.workers import Worker

pytestmark = pytest.mark.broker
cluster = test_generate_creatives.cluster

ASKED = 60


def now_ms() -> int:
    return int(time.time() * 1_000)


def add_version(registry: Registry, version: str, folder: Path) -> str:
    """The built-in model with another sum of its graph, as acme/<version>; what its creatives name it by."""
    shutil.copytree(builtin_folder(), folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in (each for each in manifest["files"] if each.endswith(".onnx")):
        graph = onnx.load(folder / name)
        graph.doc_string = version
        onnx.save(graph, folder / name)
        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps({**manifest, "name": "acme", "version": version}))
    registry.add(folder)
    return Copywriter.load(folder).model_hash


class Story:
    """A worker that follows announcements, and the requests it was asked."""

    def __init__(self, cluster: Cluster, registry: Registry) -> None:
        self.cluster, self.registry = cluster, registry
        self.settings = Settings(broker=cluster.settings.broker, model_dir=registry.root)
        self.asked: list[str] = []
        self.first = 0

    def worker(self, **env: str) -> Worker:
        return self.cluster.worker(
            "swap", SHIFTCAST_COPYWRITER="model", SHIFTCAST_MODEL_DIR=str(self.registry.root), **env
        )

    async def ask(self) -> list[str]:
        self.first += 1_000
        asked = await self.cluster.ask(700_000 + self.first, ASKED)
        self.asked += asked
        return asked

    async def endings_of(self, asked: list[str]) -> list[r.GenerationResult]:
        """Exactly one ending for each of `asked`."""
        wanted = set(asked)
        for _ in range(300):
            found = [each for each in await self.cluster.endings() if each.request_id in wanted]
            if len(found) >= len(asked):
                break
            await asyncio.sleep(0.2)
        assert Counter(each.request_id for each in found) == Counter(asked), "each request ends exactly once"
        return found

    async def use(self, reference: str) -> None:
        await announce_current(self.settings, lambda: self.registry.use(reference, now_ms()), now_ms())


def hashes(endings: list[r.GenerationResult]) -> set[str]:
    return {each.model_hash for each in endings if each.model_hash}


async def said(worker: Worker, text: str) -> None:
    for _ in range(300):
        if text in worker.said():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the worker never said {text!r}: {worker.said()[-2000:]}")


def test_a_worker_swaps_survives_a_kill_in_between_refuses_what_is_missing_and_rolls_back(
    cluster: Cluster, tmp_path: Path
) -> None:
    registry = Registry(tmp_path / "models")
    one, two = (add_version(registry, version, tmp_path / version) for version in ("1", "2"))
    registry.use("acme/1", now_ms())
    story = Story(cluster, registry)

    async def happens() -> None:
        worker = story.worker(SHIFTCAST_FAIL_POINT="swap_loaded").start().wait_ready()
        assert hashes(await story.endings_of(await story.ask())) == {one}
        await story.use("acme/2")
        asked = await story.ask()
        assert worker.wait_gone() == -signal.SIGKILL, (
            "killed with the new copywriter loaded and not yet in force"
        )
        worker = story.worker().start().wait_ready()
        try:
            assert hashes(await story.endings_of(asked)) <= {one, two}
            assert hashes(await story.endings_of(await story.ask())) == {two}, "a restart reads the pointer"

            during = await story.ask()
            await announce_current(story.settings, lambda: registry.roll_back(now_ms()), now_ms())
            during += await story.ask()
            await said(worker, "copywriter acme/1")
            assert hashes(await story.endings_of(during)) <= {one, two}
            assert hashes(await story.endings_of(await story.ask())) == {one}, "rolled back while it worked"

            nowhere = Announced(Release("acme", "9", "0" * 64), now_ms())
            await cluster.send([announcement_output(CURRENT, nowhere, now_ms())])
            await said(worker, "copywriter acme/9 was announced as current and is refused")
            assert hashes(await story.endings_of(await story.ask())) == {one}, "the old one goes on writing"

            await let_shadow(story.settings, lambda: registry.find("acme/2"), 1.0, now_ms())
            await said(worker, "copywriter acme/2 writes beside")
            assert hashes(await story.endings_of(await story.ask())) == {one}, "a shadow publishes nothing"
            await let_shadow(story.settings, lambda: None, 0, now_ms())
        finally:
            assert worker.terminate() == 0
        await story.endings_of(story.asked)
        assert "Traceback" not in worker.said()

    asyncio.run(happens())
