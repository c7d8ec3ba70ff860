"""`shiftcast index`: the catalogue topic turned into item vectors and interest codes, at once and from the
command line."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from xxhash import xxh3_64_hexdigest

from agents.commands.options import echo_json, json_option
from agents.commands.tables import print_table
from agents.indexing.indexer import (
    INDEXER_FOLLOWS,
    SETTLE_S,
    Indexer,
    caught_up,
    in_order,
    publish_version,
    refit,
    restore_items,
)
from agents.portraits.activity import ActivityLog, read_activity
from agents.portraits.publishing import LEAST_USERS, portraits_of_log, send_portraits
from models.catalog.coclicks import LEAST_POSITIVES, Chosen
from models.mistakes.item import item_mistakes
from streams.artifacts.kinds import artifact_key
from streams.broker.clients import require_broker
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.loud_end import RefusedError
from streams.mapping.catalog_items import item_of
from streams.records import ArtifactRecord, CatalogItem
from streams.settings import Settings
from streams.topics import CATALOG
from streams.wire.codecs import headers
from streams.wire.output import Output
from streams.wire.record_files import read_lines

_SLICE = 500


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
@click.option("--status", is_flag=True, help="Change nothing, only show.")
@json_option()
def command(
    load: Path | None, anew: bool, encoder: Path | None, categories: bool | None, status: bool, as_json: bool
) -> None:
    """Turn the catalogue topic into item vectors and interest codes.

    A running `shiftcast-catalog` worker does this by itself when items change; a new version is made here
    only.
    """
    if not anew and (encoder is not None or categories is not None):
        raise click.UsageError("--encoder, --categories and --clusters belong to a new version: add --refit")
    settings = Settings.from_environ(os.environ)
    settings = settings if encoder is None else replace(settings, encoder_dir=encoder)
    items = [] if load is None else read_lines(load, CatalogItem)
    report = asyncio.run(_run(settings, items, anew, categories, status, as_json))
    report["mistakes"] = counted_mistakes(items)
    if as_json:
        echo_json(report)
    else:
        _show(report)


async def _run(
    settings: Settings,
    items: Sequence[CatalogItem],
    anew: bool,
    categories: bool | None,
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
        if not status:
            records = await asyncio.to_thread(_records, indexer, settings, anew, categories, chosen)
        if records:
            with _bar(f"publishing {len(records)} records", len(records), quiet) as sent:
                await publish_version(producer, indexer, records, time.time_ns() // 1_000_000, sent)
            await asyncio.sleep(SETTLE_S)
            await restore_items(producer, indexer, time.time_ns() // 1_000_000)
        if log is not None:
            await _portray(producer, indexer, log)
    return {
        **index_summary(indexer),
        "published": len(records),
        "positives": 0 if chosen is None else len(chosen.item),
        "seconds": round(time.monotonic() - started, 2),
    }


async def _log(indexer: Indexer, settings: Settings) -> ActivityLog:
    """What the topics say that users did with the items that a new version will have."""
    rows = {item.item_id: row for row, item in enumerate(in_order(indexer.wanted.values()))}
    return await read_activity(settings, rows)


def _chosen(log: ActivityLog) -> Chosen:
    positives = log.positives()
    return Chosen(positives.user, positives.item)


async def _portray(producer: OutputProducer, indexer: Indexer, log: ActivityLog) -> None:
    """Portraits of users in the terms of the version that was just published, where there are enough."""
    catalog = indexer.reader.catalog
    assert catalog is not None
    made = await asyncio.to_thread(portraits_of_log, log, catalog, LEAST_USERS)
    if made is not None:
        record = await send_portraits(producer, catalog.version, made, time.time_ns() // 1_000_000)
        indexer.reader.apply(artifact_key(record), record)


def _records(
    indexer: Indexer, settings: Settings, anew: bool, categories: bool | None, chosen: Chosen | None
) -> list[ArtifactRecord]:
    current = indexer.reader.catalog
    if anew or current is None:
        return refit(list(indexer.wanted.values()), current, settings.encoder_dir, categories, chosen)
    changed = indexer.pending()
    return caught_up(current, changed, settings.encoder_dir) if changed else []


async def _send_items(producer: OutputProducer, items: Sequence[CatalogItem], sent: Any) -> None:
    now_ms = time.time_ns() // 1_000_000
    for start in range(0, len(items), _SLICE):
        part = items[start : start + _SLICE]
        await producer.send([_item_output(item, now_ms) for item in part])
        sent(len(part))


def _item_output(item: CatalogItem, now_ms: int) -> Output:
    key, value = item.item_id.encode(), msgspec.json.encode(item)
    ce_id = f"catalog:{xxh3_64_hexdigest(key + value)}"
    return Output(CATALOG.name, key, value, None, headers(CATALOG.ce_type, ce_id, now_ms))


def counted_mistakes(items: Sequence[CatalogItem]) -> list[dict[str, Any]]:
    """Each kind of mistake in these items: how many, and the first that has it."""
    first: dict[tuple[str, str], str] = {}
    count: Counter[tuple[str, str]] = Counter()
    for record in items:
        for each in item_mistakes(item_of(record), record.price, record.salesprice, record.cur):
            kind = each.where, each.severity
            first.setdefault(kind, f"item {record.item_id}: {each}")
            count[kind] += 1
    return [
        {"where": where, "severity": severity, "items": count[where, severity], "first": said}
        for (where, severity), said in first.items()
    ]


def index_summary(indexer: Indexer) -> dict[str, Any]:
    """What stands in the artefact now, as a machine reads it; version 0 = nothing yet."""
    catalog, pending = indexer.reader.catalog, len(indexer.pending())
    if catalog is None:
        return {"version": 0, "items": 0, "pending": pending}
    return {
        "version": catalog.version,
        "items": len(catalog.items),
        "available": sum(item.available for item in catalog.items),
        "fitted_items": catalog.fitted_items,
        "codes": list(catalog.code_names),
        "curated": catalog.curated,
        "segments": len(catalog.segments),
        "encoder": catalog.basis.encoder,
        "threshold": catalog.detector.threshold,
        "portraits": 0 if indexer.reader.portraits is None else len(indexer.reader.portraits.groups),
        "shared_creatives": len(indexer.reader.shared),
        "pending": pending,
        "damaged": indexer.reader.damaged,
    }


def _show(report: dict[str, Any]) -> None:
    if report["version"] == 0:
        raise RefusedError(
            f"no catalogue version yet ({report['pending']} items wait): make one with `shiftcast index`"
        )
    table = Table(show_header=False, title=f"Catalogue version {report['version']}", title_justify="left")
    table.add_row(
        "items",
        f"{report['items']}, {report['available']} of them available, {report['pending']} waiting to be "
        "indexed",
    )
    table.add_row(
        "interest codes",
        f"{len(report['codes'])} {'categories' if report['curated'] else 'clusters'}: "
        f"{', '.join(report['codes'])}",
    )
    table.add_row("segments", str(report["segments"]))
    if report["portraits"]:
        table.add_row("portraits", f"{report['portraits']} groups of users: `shiftcast portraits`")
    table.add_row("encoder", f"{report['encoder']}, fitted on {report['fitted_items']} items")
    table.add_row("detector threshold", f"{report['threshold']:g}")
    if report["positives"]:
        learnt = report["positives"] >= LEAST_POSITIVES
        said = "texts and co-clicks" if learnt else f"texts alone: below {LEAST_POSITIVES:,} positives"
        table.add_row("fitted from", f"{said} ({report['positives']:,} positives of the log)")
    table.add_row("published now", f"{report['published']} records in {report['seconds']} s")
    print_table(table)
    for each in report["mistakes"]:
        click.echo(f"{each['items']} of the items sent, such as {each['first']}")
    if report["items"] > 2 * report["fitted_items"]:
        click.echo(
            "The basis was fitted on less than half of the items: `shiftcast index --refit` makes it anew."
        )
    if report["damaged"]:
        click.echo(f"Damaged: {report['damaged']}; `shiftcast index --refit` replaces it.")


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
