"""Looking at a broker that goes away and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from agents.overview import looks
from agents.overview.gauges import GaugeSample
from agents.overview.looks import STALE_S, Looks, keep_looking
from streams.settings import Settings

PATIENCE_S = 60


async def hang() -> GaugeSample:
    """A broker that takes the question and never answers."""
    return await asyncio.Event().wait()  # type: ignore[return-value]


def gone() -> GaugeSample:
    raise KafkaConnectionError


def gauges_of(answers: Iterator[Any]) -> Callable[[Settings], Any]:
    """A `Gauges` whose looks end as the next of `answers` says."""

    class Fake:
        def __init__(self, _settings: Settings) -> None: ...
        async def __aenter__(self) -> Fake:
            return self

        async def __aexit__(self, *_: object) -> None: ...
        async def sample(self, now_ms: int) -> GaugeSample:
            answer = next(answers)()
            return await answer if asyncio.iscoroutine(answer) else answer

    return Fake


@pytest.mark.parametrize("away", [hang, gone])
def test_what_hangs_or_fails_is_no_look_and_the_next_answer_is(
    away: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count()
    good = lambda: GaugeSample(next(numbers), 0.0)  # noqa: E731
    monkeypatch.setattr(looks, "Gauges", gauges_of(iter([good, good, away, away, *[good] * 1_000])))
    monkeypatch.setattr(looks, "STALE_S", 0.02)
    monkeypatch.setattr(looks, "LOOK_S", 0.01)

    async def story() -> None:
        seen, three = Looks(), asyncio.Event()

        def take(sample: GaugeSample) -> None:
            seen.add(sample)
            if len(seen.samples) == 3:
                three.set()

        looking = asyncio.create_task(keep_looking(Settings(), take, lambda: None, 0.001))
        await asyncio.wait_for(three.wait(), PATIENCE_S)
        looking.cancel()
        assert [each.now_ms for each in seen.samples][:3] == [0, 1, 2]

    asyncio.run(story())


def test_age_is_since_the_last_answer_and_before_the_first_since_the_looking_began() -> None:
    now = [100.0]
    seen = Looks(lambda: now[0])
    assert not seen.stale() and seen.newest() is None
    now[0] += STALE_S + 1
    assert seen.stale() and seen.age_s() == STALE_S + 1
    seen.add(GaugeSample(1, 0.0))
    assert not seen.stale() and seen.age_s() == 0
