"""`shiftcast replay`: a real order log as conversions, at a chosen speed, audited to the penny."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from aiokafka import AIOKafkaProducer
from rich.progress import Progress

from agents.commands.option_types import Measure
from agents.commands.options import echo_json, json_option
from agents.overview.gauges import Gauges
from agents.replay.audit import Books, ReplayAudit, audit, books
from agents.replay.orders import catalog_item, consent, conversion, files_of, read_files
from models.order_log import BadLogError, OrderLine, stock
from streams import topics
from streams.broker.clients import client_options
from streams.broker.following.places import partitions_of
from streams.lane.lane import SWEEP_S
from streams.settings import Settings
from streams.unix_time import unix_ms
from streams.wire.output import Output

HOUR_S: Final = 3600
_CHUNK: Final = 500
SWEPT_WITHIN_S: Final = 2.0
"""So long a sweep and what it sends may take."""
LEAD_MS: Final = 60_000
"""Consent is dated so long before the oldest line."""


@dataclass(frozen=True)
class Pace:
    """`speed` seconds of the log per second; None = as fast as the broker takes it."""

    speed: float | None


class _Speed(click.ParamType):
    name = "X|max"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Pace:
        if isinstance(value, Pace):
            return value
        if value == "max":
            return Pace(None)
        try:
            factor = float(value)
        except ValueError:
            factor = 0.0
        if not factor > 0:
            self.fail(f"{value!r}: give a factor above 0, or max", param, ctx)
        return Pace(factor)


@click.command()
@click.option(
    "--data",
    "paths",
    multiple=True,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="CSV files or a folder.",
)
@click.option("--month", help="Only files whose name begins with this, as 2011-01.")
@click.option(
    "--speed", type=_Speed(), default="max", show_default=True, help="Times faster than life, or max."
)
@click.option(
    "--catalog", "with_catalog", is_flag=True, help="Send a catalogue made of the log's articles first."
)
@click.option("--catalog-only", is_flag=True, help="Send that catalogue and nothing else.")
@click.option(
    "--verify",
    is_flag=True,
    help="Compare revenue and line count with a batch computation; exit 1 when they differ.",
)
@click.option(
    "--patience",
    type=Measure(1),
    default=180.0,
    show_default=True,
    help="Seconds --verify waits for the workers.",
)
@json_option("Print one JSON object, no progress.")
def command(
    paths: tuple[Path, ...],
    month: str | None,
    speed: Pace,
    with_catalog: bool,
    catalog_only: bool,
    verify: bool,
    patience: float,
    as_json: bool,
) -> None:
    """Send each line of an order log (UCI Online Retail) as a conversion.

    Times move by a constant, so that the last line is now. Lines without a customer travel under their
    order's key and count as money only.
    """
    settings = Settings.from_environ(os.environ)
    try:
        lines = list(read_files(files_of(paths, month)))
    except BadLogError as error:
        raise click.ClickException(str(error)) from error
    if not lines:
        raise click.ClickException(
            f"no order lines: no *.csv.gz of {month or 'any month'} among {', '.join(map(str, paths))}"
        )
    if not any(line.readable for line in lines):
        raise click.ClickException(f"none of the {len(lines)} order lines has a date, quantity and price")
    _refuse_short_memory(lines, settings)
    report = asyncio.run(
        _run(
            settings,
            lines,
            speed,
            with_catalog or catalog_only,
            catalog_only,
            patience if verify else 0.0,
            as_json,
        )
    )
    if as_json:
        echo_json(report)
    else:
        click.echo("\n".join(f"{name:>16}  {value}" for name, value in report.items()))
    if verify and not report.get("exact", True):
        raise click.exceptions.Exit(1)


def _refuse_short_memory(lines: list[OrderLine], settings: Settings) -> None:
    """A historical replay needs workers that accept events so old; this process knows only its own setting,
    so it says so."""
    times = [line.ts_ms for line in lines if line.readable]
    needed_s = (max(times) - min(times)) // 1000 + HOUR_S if times else 0
    if needed_s > settings.max_event_age_s:
        raise click.ClickException(
            f"the log spans {needed_s / 86_400:.1f} days, workers refuse events older than "
            f"{settings.max_event_age_s / 86_400:.1f}: "
            f"start them and this command with SHIFTCAST_MAX_EVENT_AGE_S={needed_s}"
        )


async def _run(
    settings: Settings,
    lines: list[OrderLine],
    speed: Pace,
    with_catalog: bool,
    catalog_only: bool,
    patience_s: float,
    quiet: bool,
) -> dict[str, Any]:
    await partitions_of(settings, [topics.CATALOG.name, topics.CONSENT.name, topics.CONVERSION.name])
    producer = AIOKafkaProducer(**client_options(settings), acks="all", linger_ms=5, max_batch_size=262_144)
    await producer.start()
    try:
        with Progress(disable=quiet) as bar:
            articles = stock(lines) if with_catalog else []
            await _send(producer, map(catalog_item, articles))
            if catalog_only:
                return {"catalog_items": len(articles)}
            before = await _settled_books(settings, patience_s) if patience_s else Books()
            began_ms = unix_ms()
            shift_ms = began_ms - max(line.ts_ms for line in lines)
            first_ms = min(line.ts_ms for line in lines if line.readable) + shift_ms
            users = {line.user: line for line in lines}
            await _send(producer, (consent(line, first_ms - LEAD_MS) for line in users.values()))
            took_s = await _replay(producer, lines, shift_ms, speed, bar)
        report = _sent(lines, users, articles, took_s)
        if patience_s:
            report |= _audited(
                await audit(settings, {line.id: line for line in lines}, before, began_ms, patience_s)
            )
    finally:
        await producer.stop()
    return report


async def _settled_books(settings: Settings, patience_s: float) -> Books:
    """The books once workers have caught up with what came before; nobody else may send conversions until the
    audit is done.

    Counters leave a worker a while after their events are acknowledged, with a sweep at the latest: they must
    stand still for longer.
    """
    end = time.monotonic() + patience_s
    async with Gauges(settings) as gauges:
        while time.monotonic() < end and (await gauges.sample(0)).lag.get("profiles", 0):
            await asyncio.sleep(0.5)
    now = await books(settings)
    while time.monotonic() < end:
        await asyncio.sleep(SWEEP_S + SWEPT_WITHIN_S)
        before, now = now, await books(settings)
        if now == before:
            break
    return now


async def _send(producer: AIOKafkaProducer, outputs: Iterable[Output]) -> None:
    for output in outputs:
        await producer.send(output.topic, output.value, key=output.key)
    await producer.flush()


async def _replay(
    producer: AIOKafkaProducer, lines: list[OrderLine], shift_ms: int, pace: Pace, bar: Progress
) -> float:
    """Sends all lines in their order; returns the seconds it took."""
    task = bar.add_task("order lines", total=len(lines))
    begun, first_ms = time.monotonic(), min(line.ts_ms for line in lines if line.readable)
    for number, line in enumerate(lines):
        if pace.speed is not None:
            await asyncio.sleep(
                max(0.0, begun + (line.ts_ms - first_ms) / 1000 / pace.speed - time.monotonic())
            )
        output = conversion(line, shift_ms)
        await producer.send(output.topic, output.value, key=output.key)
        if number % _CHUNK == 0:
            bar.update(task, completed=number)
    await producer.flush()
    bar.update(task, completed=len(lines))
    return time.monotonic() - begun


def _sent(
    lines: list[OrderLine], users: dict[str, OrderLine], articles: list[Any], took_s: float
) -> dict[str, Any]:
    return {
        "lines": len(lines), "customers": sum(not each.guest for each in users.values()),
        "guest_lines": sum(line.guest for line in lines),
        "returns": sum(line.value < 0 for line in lines), "catalog_items": len(articles),
        "lines_per_s": round(len(lines) / took_s),
    }  # fmt: skip


def _audited(result: ReplayAudit) -> dict[str, Any]:
    return {
        "conversions": result.booked.conversions, "write_offs": result.write_offs,
        "dead_letters": result.dead, "revenue_minor": result.booked.revenue_minor,
        "batch_revenue_minor": result.wanted_minor, "exact": result.exact,
    }  # fmt: skip
