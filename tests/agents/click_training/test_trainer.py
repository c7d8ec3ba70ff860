"""The trainer on a real broker: exposures in, versions out, and the next trainer goes on from there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from agents.click_training.schedule import EVERY_MS
from agents.click_training.trainer import ClickTrainer
from streams.artifacts.click_model import ClickModelReader, PublishedClickModel
from streams.broker.admin import create
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.local_broker.server import Broker
from streams.records import ArtifactRecord, Record
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.topics import ARTIFACT, EXPOSURE, TopicSpec
from streams.wire.codecs import Headers, encode, headers
from streams.wire.output import Output
from tests.agents.click_training.test_lessons import exposure

pytestmark = pytest.mark.broker
WAIT_S = 240.0


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    local = Broker(Path(tmp_path_factory.mktemp("click-broker")))
    address = local.start().address
    assert address is not None
    try:
        made = Settings(broker=address, partitions=2)
        asyncio.run(create(made))
        yield made
    finally:
        local.stop()
        local.wipe()


@asynccontextmanager
async def trainer(settings: Settings, outputs: OutputProducer) -> AsyncIterator[None]:
    """A trainer that is elected, running; at each look at its clock another version may be due."""
    times = count(1_760_000_000_000, EVERY_MS)
    made = ClickTrainer(settings, outputs, lambda: True, lambda: next(times))
    await made.start()
    task = asyncio.create_task(made.run())
    try:
        yield
    finally:
        await cancelled(task)
        await made.stop()


async def send(outputs: OutputProducer, begin: int, end: int) -> None:
    """Exposures of lovers of lamps, who click on lamps, and of sofas, who do not."""
    clicked = np.random.default_rng(begin).random(end - begin) < 0.2
    made = [
        exposure(
            f"x{n}", user=f"u{n % 7}", item_id="lamp" if n % 2 else "sofa", clicked=bool(click and n % 2)
        )
        for n, click in zip(range(begin, end), clicked.tolist(), strict=True)
    ]
    stamped = headers(EXPOSURE.ce_type, "e", 1)
    await outputs.send(
        [Output(EXPOSURE.name, each.user.encode(), encode(each), None, stamped) for each in made]
    )


async def version(settings: Settings, exposures: int) -> PublishedClickModel:
    """The first published version that has learnt so many, once older ones were withdrawn."""
    reader = ClickModelReader()

    def hear(_spec: TopicSpec, key: str, record: Record | None, _headers: Headers, _ts: int) -> None:
        assert record is None or isinstance(record, ArtifactRecord)
        reader.apply(key, record)

    follower = Follower(settings, [ARTIFACT], hear)
    await follower.start()
    try:
        async with asyncio.timeout(WAIT_S):
            while reader.current is None or reader.current.model.exposures < exposures:
                await asyncio.sleep(0.1)
            while reader.keys_before(reader.current.model.version):  # their nulls follow the manifest
                await asyncio.sleep(0.1)
    finally:
        await follower.stop()
    return reader.current


async def run_twice(settings: Settings) -> None:
    outputs = OutputProducer(settings)
    await outputs.start()
    try:
        await send(outputs, 0, 1_000)
        async with trainer(settings, outputs):
            first = await version(settings, 1_000)
        assert first.model.exposures == 1_000 and sum(first.manifest.positions.values()) == 1_000
        await send(outputs, 900, 2_200)  # the last hundred come again, from a lane that died
        async with trainer(settings, outputs):
            second = await version(settings, 2_200)
        assert second.model.exposures == 2_200, "each exposure was learnt once"
        assert second.model.version > first.model.version
        assert second.model.clicks > first.model.clicks > 0
    finally:
        await outputs.stop()


def test_a_version_is_published_and_the_next_trainer_goes_on_from_it(settings: Settings) -> None:
    asyncio.run(run_twice(settings))
