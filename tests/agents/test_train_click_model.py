"""The worker on a broker: it is elected, learns settled exposures, publishes, and stops when it is asked."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agents.click_training.schedule import FIRST
from streams.artifacts.kinds import CLICK_MODEL
from streams.broker.producer import OutputProducer
from streams.settings import Settings
from tests.agents.click_training.published import published as newest
from tests.agents.click_training.test_trainer import send, settings
from tests.workers import Worker

pytestmark = pytest.mark.broker
__all__ = ["settings"]


async def learnt(settings: Settings, worker: Worker) -> None:
    outputs = OutputProducer(settings)
    await outputs.start()
    try:
        await send(outputs, 0, 2_000)
        worker.start()
        published = await newest(settings, CLICK_MODEL, FIRST)
    finally:
        await outputs.stop()
    assert FIRST <= published.model.exposures <= 2_000
    quality = published.model.click_quality
    assert quality.log_loss is not None and quality.auc is not None and quality.auc > 0.5


def test_a_worker_learns_what_is_there_and_stops_when_it_is_asked(settings: Settings, tmp_path: Path) -> None:
    env = {"KAFKA_BROKER": settings.broker, "SHIFTCAST_PARTITIONS": str(settings.partitions)}
    worker = Worker("agents.train_click_model", env, tmp_path / "clicks")
    try:
        asyncio.run(learnt(settings, worker))
        assert worker.terminate() == 0
    finally:
        worker.kill()
    assert worker.reasons() == []
