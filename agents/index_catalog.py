"""Keeps the catalogue artefact up to date: `faust -A agents.index_catalog worker -l info`.

The first items make version 1; later items join the current version in its frozen basis; `shiftcast index
--refit` makes a new version. State is the two topics themselves, so there is no table. Of several workers
only the owner of the catalogue topic's partition 0 publishes. What people send to be followed by every worker
is judged here, once for all: a broken item, campaign or decision becomes a dead letter.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any, Final

import orjson
from faust.types import TP

from agents.calibration.budget import show_threshold
from agents.indexing.campaigns import judge_experiment, warning_of
from agents.indexing.indexer import (
    INDEXER_FOLLOWS,
    SETTLE_S,
    Indexer,
    WordlessCatalogError,
    caught_up,
    publish_version,
    restore_items,
    revoke_items,
    set_threshold,
)
from agents.inputs.board import NOTHING_SEEN, show_inputs
from models.mistakes.known import KnownItems
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.knobs.knob import SettingsError
from streams.loud_end import end_now
from streams.metrics.catalog import CATALOG_INDEX_SECONDS, CATALOG_ITEMS, CATALOG_VERSION
from streams.records import Campaign
from streams.settings import Settings
from streams.tasks.guarded import Guarded
from streams.topics import BY_NAME, CAMPAIGN, CATALOG, REVIEW
from streams.unix_time import unix_ms
from streams.wire.codecs import WireLimits, decode_batch
from streams.wire.dead_letters import dead_letter
from streams.wire.output import Output
from streams.wire.view import ConsumedRecord, RecordBatch
from streams.worker.app import batches, build_app

_APP: Final = "catalog"
QUIET_S: Final = 1.0
"""A catalogue upload is one change: wait until nothing came for so long..."""
_LONGEST_WAIT_S: Final = 10.0
"""...but no longer than this after the first change."""
_LOOK_S: Final = 0.1
_REVOKE_S: Final = 1.0
_BUDGET_S: Final = 5.0

try:
    settings = Settings.from_environ(os.environ)
except SettingsError as error:
    end_now(str(error))
app = build_app(settings, _APP, [CATALOG, CAMPAIGN, REVIEW], table=False)
indexer = Indexer()
follower = Follower(settings, INDEXER_FOLLOWS, indexer.on_record)
producer = OutputProducer(settings)
work = Guarded()


@app.agent(app.source_topic(), name="judge")
async def judge(stream: Any) -> None:
    """What cannot be read goes to the dead letters. What can is read whole by the followers; the group
    decides who judges and publishes."""
    async for batch, acknowledge in batches(stream):
        await producer.send(_judged(batch))
        await acknowledge()


def _judged(batch: RecordBatch) -> list[Output]:
    decoded, rejects = decode_batch(BY_NAME[batch.topic], batch.records, WireLimits.of(settings))
    began: list[Output] = []
    if batch.topic == CAMPAIGN.name:
        broken, known = {each.index for each in rejects}, _known_items()
        for index, record in enumerate(batch.records):
            campaign = decoded[index]
            if index not in broken and isinstance(campaign, Campaign):
                _warn(record, known)
                new, refused = judge_experiment(indexer.experiments, index, campaign, record.timestamp)
                began, rejects = began + new, [*rejects, *refused]
    app_id = settings.app_id(_APP)
    return began + [
        dead_letter(batch.records[each.index], app_id, each.stage, each.reason, each.message)
        for each in rejects
    ]


def _known_items() -> KnownItems | None:
    catalog = indexer.reader.catalog
    return None if catalog is None else KnownItems.of(catalog.items, len(catalog.segments))


def _warn(record: ConsumedRecord, known: KnownItems | None) -> None:
    """What is probably a mistake in a campaign that can be read: one line per record."""
    value = orjson.loads(record.value or b"null")
    if said := warning_of(value, known, record.timestamp, settings.http_assets):
        app.log.warning(
            "Campaign %s, version %s (%s, partition %s, offset %s): %s",
            value["campaign_id"], value["version"], record.topic, record.partition, record.offset, said,
        )  # fmt: skip


async def keep_up() -> None:
    """Publish what changed once it has settled."""
    seen, settled_seen = 0, -1
    changed_at = first_at = time.monotonic()
    while True:
        await asyncio.sleep(_LOOK_S)
        if follower.failed is not None:
            raise follower.failed
        now = time.monotonic()
        if indexer.seen != seen:
            first_at = now if seen == settled_seen else first_at
            seen, changed_at = indexer.seen, now
        settled = now - changed_at >= QUIET_S or now - first_at >= _LONGEST_WAIT_S
        if settled and seen != settled_seen and _elected():
            await _publish()
            await asyncio.sleep(SETTLE_S)
            await restore_items(producer, indexer, now_ms=unix_ms())
            settled_seen = seen


async def revoke() -> None:
    """State which items creatives may not show as they did, without waiting for the index."""
    seen = -1
    while True:
        await asyncio.sleep(_REVOKE_S)
        if _elected() and indexer.seen != seen:
            seen = indexer.seen
            await revoke_items(producer, indexer, now_ms=unix_ms())


async def keep_budget() -> None:
    """Move the detector's threshold so that as many requests come as are wanted; say whether the inputs are
    as it was calibrated on."""
    while True:
        await asyncio.sleep(_BUDGET_S)
        if _elected():
            await _keep_budget()
            _watch_inputs()
        else:
            show_inputs(NOTHING_SEEN)


async def _keep_budget() -> None:
    now_ms = unix_ms()
    part = await set_threshold(producer, indexer, settings.generations_per_1000, now_ms)
    if part is not None:
        app.log.info("Threshold %.2f: %s", part.settings.threshold, part.origin)
    show_threshold(indexer.reader.catalog, indexer.reader.detector)


def _watch_inputs() -> None:
    reader, now_ms = indexer.reader, unix_ms()
    if reader.catalog is not None:
        show_inputs(indexer.inputs.state(reader.catalog.version, reader.detector, now_ms))


async def _publish() -> None:
    changed = indexer.pending()
    if changed:
        started = time.monotonic()
        try:
            records = await asyncio.to_thread(
                caught_up, indexer.reader.catalog, changed, settings.encoder_dir
            )
        except WordlessCatalogError as error:
            app.log.error("%s", error)
            return
        await publish_version(producer, indexer, records, now_ms=unix_ms())
        CATALOG_INDEX_SECONDS.observe(time.monotonic() - started)
        app.log.info(
            "Catalogue: %s items changed, indexed in %.1f s", len(changed), time.monotonic() - started
        )
    catalog = indexer.reader.catalog
    if catalog is not None:
        CATALOG_VERSION.set(catalog.version)
        CATALOG_ITEMS.set(len(catalog.items))


def _elected() -> bool:
    return app.begun and TP(CATALOG.name, 0) in app.consumer.assignment()


async def _connect() -> None:
    """Any failure of the work begun here ends the worker with one line: its successor starts from the
    topics."""
    await producer.start()
    await follower.start()
    work.start(keep_up(), "catalogue")
    work.start(revoke(), "revocations")
    work.start(keep_budget(), "budget of generations")


def _unfollowed() -> str:
    return "" if follower.failed is None else "the catalogue topics are no longer followed"


async def _disconnect() -> None:
    await work.stop()
    await follower.stop()
    await producer.stop()


app.connect, app.disconnect, app.unhealthy = _connect, _disconnect, _unfollowed
