"""What becomes of the topics that a worker reads: deleted, made anew, grown, or too few for all workers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.streams.worker.toy_run import ToyRun
from tests.workers import answer_of

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]


def test_a_worker_for_which_no_partition_is_left_stands_by(broker: str, tmp_path: Path) -> None:
    """It is ready and healthy, and takes over."""

    async def story(run: ToyRun) -> None:
        await run.create_topics()
        first, second = run.worker("w1"), run.worker("w2")
        for worker in (first, second):
            worker.start()
            await asyncio.to_thread(worker.wait_ready)
        for worker in (first, second):
            assert answer_of(worker, "/ready") == (200, "ok\n")
            assert answer_of(worker, "/health") == (200, "ok\n")
        await run.produce(500)
        first.kill()
        await run.produce(500)
        await run.caught_up()
        await run.check()

    run = ToyRun(broker, tmp_path, partitions=1)
    try:
        asyncio.run(story(run))
    finally:
        run.end()
