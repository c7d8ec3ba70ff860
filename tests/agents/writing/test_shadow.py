"""A copywriter in shadow: it writes beside the one in force, is measured, and never published."""

from __future__ import annotations

from agents.writing.copywriters import Loaded
from agents.writing.shadow import in_share
from models.release import Release
from streams.artifacts.announcements import SHADOW, Announced
from streams.metrics.generation import SHADOW_BRIEFS, SWAPS
from tests.agents.writing.test_swap import NEW, Counted, Desk, count, until


def shadow_desk(share: float, error: Exception | None = None) -> Desk:
    def load(release: Release, since_ms: int, running: Loaded | None) -> Loaded:
        beside = Counted("beside", desk.shadowed, error=error)
        return Loaded(beside, lambda: beside, release, since_ms)

    desk = Desk(load)
    desk.said[SHADOW] = Announced(NEW, 2, share)
    return desk


def test_a_shadow_writes_beside_is_measured_and_never_published() -> None:
    desk = shadow_desk(1.0)
    seen = {name: count(SHADOW_BRIEFS, name) for name in ("model", "passed_over")}

    async def story() -> None:
        await until(lambda: desk.writers.shadow is not None)
        for n in range(5):
            await desk.submit(4 * n, 4)
            await desk.answering.finish()
        await until(lambda: sum(count(SHADOW_BRIEFS, name) - seen[name] for name in seen) == 20)

    desk.run(story)
    assert set(desk.shadowed) == {"beside"}
    assert count(SHADOW_BRIEFS, "model") > seen["model"]
    assert set(desk.batches) == {"old"}
    assert {ending.model_hash for ending in desk.broker.endings().values()} == {"old"}
    assert b"beside" not in b"".join(output.value or b"" for output in desk.broker.outputs)


def test_a_shadow_that_fails_or_is_withdrawn_disturbs_nobody() -> None:
    desk = shadow_desk(1.0, ValueError("broken"))

    async def story() -> None:
        await until(lambda: count(SWAPS, "refused") > refused)  # it fails when it warms up
        await desk.submit(0, 8)
        await desk.answering.finish()
        del desk.said[SHADOW]

    refused = count(SWAPS, "refused")
    desk.run(story)
    assert desk.broker.statuses() == ["model"] * 8
    assert desk.writers.shadow is None


def test_a_withdrawn_shadow_stops() -> None:
    desk = shadow_desk(1.0)

    async def story() -> None:
        await until(lambda: desk.writers.shadow is not None)
        del desk.said[SHADOW]
        await until(lambda: desk.writers.shadow is None)
        await desk.submit(0, 8)
        await desk.answering.finish()

    desk.run(story)
    assert desk.shadowed == []


def test_the_share_is_of_requests_and_the_same_everywhere() -> None:
    ids = [f"rq_{n:016x}" for n in range(4_000)]
    chosen = [id for id in ids if in_share(id, 0.1)]
    assert 0.07 * len(ids) < len(chosen) < 0.13 * len(ids)
    assert all(in_share(id, 1.0) for id in ids)
    assert set(chosen) <= {id for id in ids if in_share(id, 0.2)}
