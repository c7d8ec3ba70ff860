"""The trainer on a real broker: exposures in, versions out, and the next trainer goes on from there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from itertools import count

import msgspec
import numpy as np
import pytest

from agents.click_training.schedule import EVERY_MS
from agents.click_training.trainer import ClickTrainer
from streams.artifacts.kinds import CLICK_MODEL
from streams.broker.producer import OutputProducer
from streams.broker.read_once import read_topics
from streams.records import ArmPosterior
from streams.settings import Settings
from streams.topics import ARM, EXPOSURE
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from tests.agents.click_training.published import WAIT_S, broker_with_topics, leading, published
from tests.agents.click_training.test_lessons import AT, exposure

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with broker_with_topics(tmp_path_factory.mktemp("click-broker")) as made:
        yield made


def trainer(settings: Settings, outputs: OutputProducer) -> AbstractAsyncContextManager[None]:
    """At each look at its clock another version may be due."""
    times = count(1_760_000_000_000, EVERY_MS)
    return leading(settings, outputs, lambda: next(times), lambda leader: ClickTrainer(leader).learn)


async def send(outputs: OutputProducer, begin: int, end: int) -> int:
    """Exposures of lovers of lamps, who click on lamps in a layout of their own, and of sofas, who do not.
    How many were clicked."""
    clicked = np.random.default_rng(begin).random(end - begin) < 0.2
    made = [
        exposure(
            f"x{n}",
            user=f"u{n % 7}",
            item_id="lamp" if n % 2 else "sofa",
            clicked=bool(click and n % 2),
            layout="shelf" if n % 2 else "beside",
            layout_propensity=0.5,
            ts=AT,
        )
        for n, click in zip(range(begin, end), clicked.tolist(), strict=True)
    ]
    stamped = headers(EXPOSURE.ce_type, "e", 1)
    await outputs.send(
        [Output(EXPOSURE.name, each.user.encode(), encode(each), None, stamped) for each in made]
    )
    return sum(each.clicked for each in made)


async def click_rate(settings: Settings, layout: str, told: int) -> float:
    """Of a layout as its posterior has it once it was told so often; whatever has faded, both counts have."""
    async with asyncio.timeout(WAIT_S):
        while True:
            records = [each.value async for each in read_topics(settings, [ARM.name])]
            read = [msgspec.json.decode(each or b"{}", type=ArmPosterior) for each in records]
            of = [each for each in read if each.arm == f"@{layout}"]
            if len(of) >= told:
                return of[-1].alpha / (of[-1].alpha + of[-1].beta)
            await asyncio.sleep(0.2)


async def run_twice(settings: Settings) -> None:
    outputs = OutputProducer(settings)
    await outputs.start()
    try:
        clicked = await send(outputs, 0, 1_000)
        async with trainer(settings, outputs):
            first = await published(settings, CLICK_MODEL, 1_000)
            told = first.model.version
            assert await click_rate(settings, "shelf", told) == pytest.approx(clicked / 500, abs=1e-3)
            assert await click_rate(settings, "beside", told) == 0
        assert first.model.exposures == 1_000 and sum(first.manifest.positions.values()) == 1_000
        await send(outputs, 900, 2_200)  # the last hundred come again, from a lane that died
        async with trainer(settings, outputs):
            second = await published(settings, CLICK_MODEL, 2_200)
            whole = second.model.clicks / 1_100
            assert await click_rate(settings, "shelf", told + 1) == pytest.approx(whole, abs=1e-3)
        assert second.model.exposures == 2_200, "each exposure was learnt once"
        assert second.model.version > first.model.version
        assert second.model.clicks > first.model.clicks > 0
    finally:
        await outputs.stop()


def test_a_version_is_published_and_the_next_trainer_goes_on_from_it(settings: Settings) -> None:
    asyncio.run(run_twice(settings))
