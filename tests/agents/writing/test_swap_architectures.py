"""A swap under load to a small checkpoint of every architecture: nothing lost, no batch waits, the same text
alone and in a batch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

import pytest

from agents.writing.copywriters import Loaded, load_first, load_release
from agents.writing.drafts import DraftWriter
from models.brief.brief import Brief, Copy
from models.copywriter.generate import WrittenCopy
from models.copywriter.registry import Registry
from models.export.exporting import export_model
from models.export.order import ExportOrder, Gate
from models.export.source import load_source
from models.release import Release
from streams.artifacts.announcements import CURRENT, Announced
from streams.settings import Settings
from tests.agents.creatives.generation_fixtures import line
from tests.agents.writing.test_swap import Desk, until
from tests.models.export.checkpoints import CONFIGS, LINES, checkpoint, tokenizer

LONG = {"max_position_embeddings": 1024, "n_positions": 1024}


class Logged:
    """Writes as another does and notes each batch."""

    def __init__(self, copywriter: DraftWriter, log: list[str]) -> None:
        self.copywriter, self.log, self.model_hash = copywriter, log, copywriter.model_hash

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
        return self.copywriter.write(briefs, remaining_ms, accept, candidates, ())


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(tmp_path_factory.mktemp("models"))


def exported(registry: Registry, architecture: str, folder: Path) -> Release:
    """A checkpoint of the architecture in the registry, made when it is first asked for."""
    if (registry.root / architecture).exists():
        return registry.find(f"{architecture}/1")
    config = CONFIGS[architecture]()
    config.update({name: value for name, value in LONG.items() if hasattr(config, name)})
    source = load_source(checkpoint(folder / "checkpoint", config, steps=30), None, "MIT")
    gate = Gate([1], [tokenizer().encode(each).ids[:6] for each in LINES])
    export_model(
        source,
        folder / "out",
        ExportOrder(architecture, "1", ("fp32",), fused_only=architecture != "gpt2"),
        gate,
    )
    return registry.add(folder / "out")


@pytest.mark.parametrize("architecture", CONFIGS)
def test_a_swap_to_every_architecture_loses_nothing(
    registry: Registry, architecture: str, tmp_path: Path
) -> None:
    release, settings = exported(registry, architecture, tmp_path), Settings(model_dir=registry.root)
    loading, written_meanwhile = threading.Event(), threading.Event()

    def load(release: Release, since_ms: int, running: Loaded | None) -> Loaded:
        fresh = load_release(settings, registry, release, since_ms)
        loading.set()
        assert written_meanwhile.wait(30)
        return replace(fresh, copywriter=Logged(fresh.copywriter, desk.batches))

    desk = Desk(load)
    first = load_first(settings)
    desk.writers._loaded = replace(first, copywriter=Logged(first.copywriter, desk.batches), since_ms=1)

    async def story() -> None:
        await desk.submit(0, 8)
        desk.said[CURRENT] = Announced(release, 2)
        await until(loading.is_set)
        before = len(desk.batches)
        await desk.submit(8, 12)
        await until(lambda: len(desk.batches) >= before + 2)
        written_meanwhile.set()
        await until(lambda: desk.writers.loaded.release == release)
        after = len(desk.batches)
        await desk.submit(20, 8)
        await desk.answering.finish()
        assert set(desk.batches[after:]) == {desk.writers.loaded.copywriter.model_hash}

    desk.run(story)
    assert len(desk.broker.endings()) == len(desk.answered) == 28, "each request ended once"
    old, new = first.copywriter.model_hash, desk.writers.loaded.copywriter.model_hash
    assert [name for name, _ in groupby(desk.batches)] == [old, new], "one switch, between two batches"


@pytest.mark.parametrize("architecture", CONFIGS)
def test_every_architecture_writes_the_same_alone_in_a_batch_and_after_a_restart(
    registry: Registry, architecture: str, tmp_path: Path
) -> None:
    release = exported(registry, architecture, tmp_path)
    load = partial(load_release, Settings(model_dir=registry.root), registry, release, 1)
    briefs = [replace(line().brief, request_id=f"rq_{number}") for number in range(5)]

    def drafts(copywriter: DraftWriter, asked: Sequence[Brief]) -> list[tuple[Copy | None, int, str]]:
        made = copywriter.write(asked, lambda: 1e12, lambda _brief, _copy: True, 3)
        return [(each.copy, each.tokens, each.why_none) for each in made]

    one = load().copywriter
    together = drafts(one, briefs)
    assert all(tokens > 0 for _, tokens, _ in together), "nothing was written: the test proved nothing"
    assert [drafts(one, [brief])[0] for brief in briefs] == together
    assert drafts(load().copywriter, briefs[::-1]) == together[::-1]
