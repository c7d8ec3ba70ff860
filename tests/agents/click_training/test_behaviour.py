"""The model of behaviour on a real broker: who agreed to training and has not taken it back teaches it, and
it is published once there is enough."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from agents.calibration.visits import Logged
from agents.click_training import behaviour
from agents.click_training.behaviour import LEAST_POSITIVES, BehaviourTrainer, read_trained
from agents.exposure_log.withdrawn import TRAIN, read_withdrawn
from models.catalog.version import Catalog
from models.choice.expected_takes import item_traits
from models.click.behaviour import CONTRASTS, ItemTraits
from streams import records as r
from streams.artifacts.catalog_version import records_of
from streams.artifacts.kinds import BEHAVIOUR_MODEL
from streams.artifacts.outputs import artifact_output
from streams.broker.producer import OutputProducer
from streams.settings import Settings
from streams.topics import CLICK, CONSENT, TopicSpec
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from tests.agents.click_training.published import broker_with_topics, leading, published
from tests.models.small_catalogue import catalogue

NOW_MS = 1_760_000_000_000
ALL_TIMES_S = 100 * 365 * 86_400
USERS = 60
EACH = LEAST_POSITIVES // USERS + 2
MADE = catalogue()
NO, YES = r.Explicit(profile=True, train=False), r.Explicit(train=True)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("behaviour-broker")
    with broker_with_topics(folder, max_event_age_s=ALL_TIMES_S) as made:
        yield made


def output(spec: TopicSpec, record: r.Click | r.Consent) -> Output:
    return Output(spec.name, record.user.encode(), encode(record), None, headers(spec.ce_type, "e", NOW_MS))


def clicks(user: str, count: int, explicit: r.Explicit) -> list[Output]:
    return [
        output(CLICK, r.Click(f"{user}-{n}", NOW_MS + n, user, item_id=f"i{n % 24}", explicit=explicit))
        for n in range(count)
    ]


async def run(settings: Settings) -> None:
    outputs = OutputProducer(settings)
    await outputs.start()
    try:
        await outputs.send([artifact_output(record, NOW_MS) for record in records_of(MADE)])
        for number in range(USERS):
            await outputs.send(clicks(f"u{number}", EACH, YES))
        await outputs.send([*clicks("denies", 50, NO), *clicks("gone", 50, YES)])
        await outputs.send([output(CONSENT, r.Consent("gone", NOW_MS + 100, explicit=NO))])
        withdrawn = await read_withdrawn(settings, TRAIN)
        parts = [each async for each in read_trained(settings, MADE, withdrawn)]
        assert len(parts) == settings.partitions, "one partition's users at a time"
        assert sum(len(set(each.user.tolist())) for each in parts) == USERS
        assert sum(len(each.item) for each in parts) == USERS * EACH
        async with leading(settings, outputs, lambda: NOW_MS, lambda leader: BehaviourTrainer(leader).fit):
            made = (await published(settings, BEHAVIOUR_MODEL)).model
        assert made.usable and made.clicks == USERS * (EACH - 1), "the first item of each says nothing"
        assert made.clicks < made.exposures <= made.clicks * (1 + CONTRASTS)
    finally:
        await outputs.stop()


@pytest.mark.broker
def test_who_agreed_to_training_teaches_the_model_that_is_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set()

    def traits_told(catalog: Catalog, row: int) -> ItemTraits:
        threads.add(threading.current_thread())
        return item_traits(catalog, row)

    monkeypatch.setattr(behaviour, "item_traits", traits_told)
    asyncio.run(run(settings))
    assert threads and threading.main_thread() not in threads, "the loop goes on meanwhile"


def test_a_clock_that_is_set_back_does_not_keep_the_log_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    reads, empty = 0, list[Logged]()

    async def nothing(*_: object) -> AsyncIterator[Logged]:
        nonlocal reads
        reads += 1
        for logged in empty:
            yield logged

    monkeypatch.setattr(behaviour, "read_trained", nothing)
    now_ms = NOW_MS
    leader: Any = SimpleNamespace(
        catalog=MADE, now_ms=lambda: now_ms, current=lambda _: None, learning=lambda usual: usual,
        settings=None, withdrawn=None,
    )  # fmt: skip
    trainer, seen = BehaviourTrainer(leader), []
    for after_ms in (0, 1_000, -3_600_000, -3_599_000):
        now_ms = NOW_MS + after_ms
        asyncio.run(trainer.fit())
        seen.append(reads)
    assert seen == [1, 1, 2, 2]
