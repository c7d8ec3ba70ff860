"""The newest published version of a kind of click model, as any reader of the topic has it; a broker with
topics to publish on; a trainer that leads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from agents.click_training.leader import Leader
from streams.artifacts.click_model import ClickModelReader, PublishedClickModel
from streams.broker.admin import create
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.local_broker.server import Broker
from streams.records import ArtifactRecord, Record
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.topics import ARTIFACT, TopicSpec
from streams.wire.codecs import Headers

WAIT_S = 240.0


@contextmanager
def broker_with_topics(folder: Path, **more: Any) -> Iterator[Settings]:
    """Two partitions of each topic."""
    local = Broker(folder)
    address = local.start().address
    assert address is not None
    try:
        made = Settings(broker=address, partitions=2, **more)
        asyncio.run(create(made))
        yield made
    finally:
        local.stop()
        local.wipe()


@asynccontextmanager
async def leading(
    settings: Settings,
    outputs: OutputProducer,
    clock_ms: Callable[[], int],
    turn: Callable[[Leader], Callable[[], Awaitable[None]]],
) -> AsyncIterator[None]:
    """A worker that is elected and takes its turns."""
    leader = Leader(settings, outputs, lambda: True, clock_ms)
    await leader.start()
    task = asyncio.create_task(leader.lead(turn(leader)))
    try:
        yield
    finally:
        await cancelled(task)
        await leader.stop()


async def published(settings: Settings, kind: str, exposures: int = 0) -> PublishedClickModel:
    """The first version that has learnt so many exposures, once older ones were withdrawn."""
    reader = ClickModelReader(kind)

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
