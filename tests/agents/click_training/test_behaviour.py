"""The model of behaviour on a real broker: who agreed to training and has not taken it back teaches it, and
it is published once there is enough."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.click_training.behaviour import LEAST_POSITIVES, BehaviourTrainer, read_trained
from models.click.behaviour import CONTRASTS
from streams import records as r
from streams.artifacts.catalog_version import records_of
from streams.artifacts.click_model import ClickModelReader, PublishedClickModel
from streams.artifacts.kinds import BEHAVIOUR_MODEL
from streams.artifacts.outputs import artifact_output
from streams.broker.admin import create
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.local_broker.server import Broker
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.topics import ARTIFACT, CLICK, CONSENT, TopicSpec
from streams.wire.codecs import Headers, encode, headers
from streams.wire.output import Output
from tests.models.small_catalogue import catalogue

pytestmark = pytest.mark.broker
WAIT_S = 240.0
NOW_MS = 1_760_000_000_000
ALL_TIMES_S = 100 * 365 * 86_400
USERS = 60
EACH = LEAST_POSITIVES // USERS + 2
MADE = catalogue()
NO, YES = r.Explicit(profile=True, train=False), r.Explicit(train=True)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    local = Broker(Path(tmp_path_factory.mktemp("behaviour-broker")))
    address = local.start().address
    assert address is not None
    try:
        made = Settings(broker=address, partitions=2, max_event_age_s=ALL_TIMES_S)
        asyncio.run(create(made))
        yield made
    finally:
        local.stop()
        local.wipe()


def output(spec: TopicSpec, record: r.Click | r.Consent) -> Output:
    return Output(spec.name, record.user.encode(), encode(record), None, headers(spec.ce_type, "e", NOW_MS))


def clicks(user: str, count: int, explicit: r.Explicit) -> list[Output]:
    return [
        output(CLICK, r.Click(f"{user}-{n}", NOW_MS + n, user, item_id=f"i{n % 24}", explicit=explicit))
        for n in range(count)
    ]


async def published(settings: Settings) -> PublishedClickModel:
    reader = ClickModelReader(BEHAVIOUR_MODEL)

    def hear(_spec: TopicSpec, key: str, record: r.Record | None, _headers: Headers, _ts: int) -> None:
        assert record is None or isinstance(record, r.ArtifactRecord)
        reader.apply(key, record)

    follower = Follower(settings, [ARTIFACT], hear)
    await follower.start()
    try:
        async with asyncio.timeout(WAIT_S):
            while reader.current is None:
                await asyncio.sleep(0.1)
    finally:
        await follower.stop()
    return reader.current


async def run(settings: Settings) -> None:
    outputs = OutputProducer(settings)
    await outputs.start()
    try:
        await outputs.send([artifact_output(record, NOW_MS) for record in records_of(MADE)])
        for number in range(USERS):
            await outputs.send(clicks(f"u{number}", EACH, YES))
        await outputs.send([*clicks("denies", 50, NO), *clicks("gone", 50, YES)])
        await outputs.send([output(CONSENT, r.Consent("gone", NOW_MS + 100, explicit=NO))])
        logged = await read_trained(settings, MADE)
        assert len(set(logged.user.tolist())) == USERS and len(logged.item) == USERS * EACH
        trainer = BehaviourTrainer(settings, outputs, lambda: True, lambda: NOW_MS)
        task = asyncio.create_task(trainer.run())
        try:
            made = (await published(settings)).model
        finally:
            await cancelled(task)
        assert made.usable and made.clicks == USERS * (EACH - 1), "the first item of each says nothing"
        assert made.clicks < made.exposures <= made.clicks * (1 + CONTRASTS)
    finally:
        await outputs.stop()


def test_who_agreed_to_training_teaches_the_model_that_is_published(settings: Settings) -> None:
    asyncio.run(run(settings))
