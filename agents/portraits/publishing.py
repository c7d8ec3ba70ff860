"""Portraits made current by publishing them, for the catalogue version that they are told in."""

from __future__ import annotations

import asyncio
from typing import Final

from agents.portraits.activity import ActivityLog, read_activity
from models.catalog.version import Catalog
from models.portrait.grouping import fit_portraits
from models.portrait.portrait import Portraits
from streams.artifacts.outputs import artifact_output
from streams.artifacts.portraits import portraits_record
from streams.artifacts.reader import ArtifactReader
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.loud_end import RefusedError
from streams.records import ArtifactRecord
from streams.settings import Settings
from streams.topics import ARTIFACT

LEAST_USERS: Final = 20
"""Smaller groups are not told of: their portrait would speak of somebody."""


async def published_portraits(settings: Settings) -> tuple[Catalog, Portraits | None]:
    """The catalogue in force and the portraits of its version. Raises RefusedError without a catalogue."""
    reader = ArtifactReader()
    follower = Follower(settings, [ARTIFACT], reader.on_record)
    await follower.start()
    await follower.stop()
    if reader.catalog is None:
        raise RefusedError("no catalogue version is published: make one with `shiftcast index`")
    return reader.catalog, reader.portraits


def portraits_of_log(log: ActivityLog, catalog: Catalog, least: int) -> Portraits | None:
    """None where the log has fewer than `least` users in any group. Takes seconds."""
    if log.users() < least:
        return None
    made = fit_portraits(log.behaviours(catalog), least, catalog.code_names)
    return made if made.groups else None


async def fit_and_publish(settings: Settings, least: int, now_ms: int) -> tuple[Catalog, Portraits]:
    """From what the topics hold. Raises RefusedError without a catalogue or with too few users."""
    catalog, _ = await published_portraits(settings)
    log = await read_activity(settings, catalog.index)
    made = await asyncio.to_thread(portraits_of_log, log, catalog, least)
    if made is None:
        raise RefusedError(
            f"the log knows {log.users()} users who agreed to a profile and took something of the catalogue; "
            f"a group has at least {least}: wait for more traffic, or lower --least-users"
        )
    producer = OutputProducer(settings)
    await producer.start()
    try:
        await send_portraits(producer, catalog.version, made, now_ms)
    finally:
        await producer.stop()
    return catalog, made


async def send_portraits(
    producer: OutputProducer, version: int, made: Portraits, now_ms: int
) -> ArtifactRecord:
    """The record that was sent: profile workers and the page take it up as it comes."""
    record = portraits_record(version, made)
    await producer.send([artifact_output(record, now_ms)])
    return record
