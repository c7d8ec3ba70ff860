"""`shiftcast index`: the catalogue topic turned into item vectors and interest codes, at once and from the
command line."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec
from rich.console import Console
from rich.progress import Progress
from xxhash import xxh3_64_hexdigest

from agents.commands.control.index_summary import counted_mistakes, index_summary, show_index
from agents.commands.options import echo_json, json_option
from agents.indexing.indexer import (
    INDEXER_FOLLOWS,
    SETTLE_S,
    Indexer,
    caught_up,
    in_order,
    publish_version,
    refit,
    required,
    restore_items,
)
from agents.indexing.market import (
    MarketMap,
    OtherMarket,
    arms_taken_over,
    read_map,
    read_market,
    started_from,
)
from agents.portraits.activity import ActivityLog, read_activity
from agents.portraits.publishing import LEAST_USERS, portraits_of_log, send_portraits
from models.arrays import FloatArray
from models.catalog.space.coclicks import OrderedPositives
from models.item import Item
from streams.artifacts.kinds import artifact_key
from streams.broker.clients import require_broker
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.loud_end import RefusedError
from streams.records import ArtifactRecord, CatalogItem
from streams.settings import Settings
from streams.topics import CATALOG
from streams.unix_time import unix_ms
from streams.wire.codecs import WireLimits, headers
from streams.wire.output import Output
from streams.wire.record_files import read_sendable

_SLICE = 500


class _Start(NamedTuple):
    """Which market to start from, and what is called otherwise there."""

    address: str
    names: MarketMap


@click.command()
@click.option(
    "--load",
    type=click.Path(path_type=Path),
    metavar="FILE.jsonl",
    help="First send these items, one JSON object per line.",
)
@click.option(
    "--refit",
    "anew",
    is_flag=True,
    help="Make a new version of all items and of what users chose of them; without it new items join the "
    "current one.",
)
@click.option(
    "--encoder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of an ONNX sentence encoder (with --refit).",
)
@click.option(
    "--categories/--clusters",
    default=None,
    help="Interest codes: the merchant's categories, or clusters (with --refit).",
)
@click.option(
    "--pictures",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="LIBRARY.jsonl",
    help="Vectors of what items look like, too: a library of `shiftcast assets index` (with --refit).",
)
@click.option(
    "--from",
    "other",
    metavar="HOST:PORT",
    help="Make a new version that starts from the catalogue of another market, of that broker.",
)
@click.option(
    "--map",
    "map_file",
    type=click.Path(path_type=Path),
    metavar="FILE.json",
    help="Categories and campaigns here that are others there (with --from).",
)
@click.option("--status", is_flag=True, help="Change nothing, only show.")
@json_option()
def command(
    load: Path | None,
    anew: bool,
    encoder: Path | None,
    categories: bool | None,
    pictures: Path | None,
    other: str | None,
    map_file: Path | None,
    status: bool,
    as_json: bool,
) -> None:
    """Turn the catalogue topic into item vectors and interest codes.

    A running `shiftcast-catalog` worker does this by itself when items change; a new version is made here
    only.
    """
    if (encoder is not None and not anew and other is None) or (categories is not None and not anew):
        raise click.UsageError("--encoder, --categories and --clusters belong to a new version: add --refit")
    if pictures is not None and not anew:
        raise click.UsageError("--pictures belongs to a new version: add --refit")
    if map_file is not None and other is None:
        raise click.UsageError("--map says what is called otherwise in another market: add --from HOST:PORT")
    if other is not None and (anew or categories is not None):
        raise click.UsageError("--from takes the interests of the other market: leave --refit and codes out")
    start = None if other is None else _Start(other, read_map(map_file))
    settings = Settings.from_environ(os.environ)
    settings = settings if encoder is None else replace(settings, encoder_dir=encoder)
    items = [] if load is None else _sendable(load, settings)
    report = asyncio.run(_run(settings, items, anew, categories, pictures, start, status, as_json))
    report["mistakes"] = counted_mistakes(items)
    if as_json:
        echo_json(report)
    else:
        show_index(report)


async def _run(
    settings: Settings,
    items: Sequence[CatalogItem],
    anew: bool,
    categories: bool | None,
    pictures: Path | None,
    start: _Start | None,
    status: bool,
    quiet: bool,
) -> dict[str, Any]:
    async with _producer(settings) as producer:
        if items and not status:
            with _bar(f"sending {len(items)} items", len(items), quiet) as sent:
                await _send_items(producer, items, sent)
        indexer = Indexer()
        follower = Follower(settings, INDEXER_FOLLOWS, indexer.on_record)
        await follower.start()
        await follower.stop()
        started, records, log, chosen = time.monotonic(), list[ArtifactRecord](), None, None
        if anew and not status:
            log = await _log(indexer, settings)
            chosen = _chosen(log)
        arms = 0
        if start is not None and not status:
            market = await read_market(settings, start.address)
            records = await asyncio.to_thread(_started, indexer, settings, market, start.names)
        elif not status:
            records = await asyncio.to_thread(
                _records, indexer, settings, anew, categories, pictures, chosen, log
            )
        if records:
            with _bar(f"publishing {len(records)} records", len(records), quiet) as sent:
                await publish_version(producer, indexer, records, unix_ms(), sent)
            await asyncio.sleep(SETTLE_S)
            await restore_items(producer, indexer, unix_ms())
            if start is not None:
                arms = await _take_arms_over(producer, market, start.names)
        if log is not None:
            await _portray(producer, indexer, log)
    return {
        **index_summary(indexer),
        "published": len(records),
        "arms": arms,
        "positives": 0 if chosen is None else len(chosen.item),
        "seconds": round(time.monotonic() - started, 2),
    }


def _sendable(load: Path, settings: Settings) -> list[CatalogItem]:
    return read_sendable(load, CatalogItem, CATALOG, WireLimits.of(settings))


def _started(
    indexer: Indexer, settings: Settings, market: OtherMarket, names: MarketMap
) -> list[ArtifactRecord]:
    other, current = market.artifacts.catalog, indexer.reader.catalog
    assert other is not None, "read_market refuses a market without one"
    return started_from(list(indexer.wanted.values()), other, current, settings.encoder_dir, names)


async def _take_arms_over(producer: OutputProducer, market: OtherMarket, names: MarketMap) -> int:
    """How many arms start from what they did there."""
    outputs = arms_taken_over(list(market.arms.values()), names, unix_ms())
    await producer.send(outputs)
    return len(outputs)


async def _log(indexer: Indexer, settings: Settings) -> ActivityLog:
    """What the topics say that users did with the items that a new version will have."""
    rows = {item.item_id: row for row, item in enumerate(in_order(indexer.wanted.values()))}
    return await read_activity(settings, rows)


def _chosen(log: ActivityLog) -> OrderedPositives:
    positives = log.positives()
    return OrderedPositives(positives.user, positives.item)


async def _portray(producer: OutputProducer, indexer: Indexer, log: ActivityLog) -> None:
    """Portraits of users in the terms of the version that was just published, where there are enough."""
    catalog = indexer.reader.catalog
    assert catalog is not None
    made = await asyncio.to_thread(portraits_of_log, log, catalog, LEAST_USERS)
    if made is not None:
        record = await send_portraits(producer, catalog.version, made, unix_ms())
        indexer.reader.apply(artifact_key(record), record)


def _records(
    indexer: Indexer,
    settings: Settings,
    anew: bool,
    categories: bool | None,
    pictures: Path | None,
    chosen: OrderedPositives | None,
    log: ActivityLog | None,
) -> list[ArtifactRecord]:
    current = indexer.reader.catalog
    if anew or current is None:
        items = required(list(indexer.wanted.values()))
        bought = None if log is None else log.bought()
        looks = None if pictures is None else _looks(pictures, items)
        return refit(items, current, settings.encoder_dir, categories, chosen, bought, looks)
    changed = indexer.pending()
    return caught_up(current, changed, settings.encoder_dir) if changed else []


def _looks(library: Path, items: Sequence[Item]) -> FloatArray:
    try:
        from agents.material.looks import item_looks_of
    except ImportError as error:
        raise RefusedError(f"pictures need {error.name}: pip install 'shiftcast[image]'") from error
    return item_looks_of(library, items)


async def _send_items(producer: OutputProducer, items: Sequence[CatalogItem], sent: Any) -> None:
    now_ms = unix_ms()
    for start in range(0, len(items), _SLICE):
        part = items[start : start + _SLICE]
        await producer.send([_item_output(item, now_ms) for item in part])
        sent(len(part))


def _item_output(item: CatalogItem, now_ms: int) -> Output:
    key, value = item.item_id.encode(), msgspec.json.encode(item)
    ce_id = f"catalog:{xxh3_64_hexdigest(key + value)}"
    return Output(CATALOG.name, key, value, None, headers(CATALOG.ce_type, ce_id, now_ms))


@asynccontextmanager
async def _producer(settings: Settings) -> Any:
    await require_broker(settings)
    producer = OutputProducer(settings)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@contextmanager
def _bar(title: str, total: int, quiet: bool) -> Iterator[Any]:
    """A progress bar on the error output; what is yielded advances it."""
    with Progress(console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task(title, total=total)
        yield lambda n: progress.advance(task, n)
