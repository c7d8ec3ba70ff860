"""`shiftcast copy fill`: copy written ahead, for the hottest items first."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agents.commands.option_types import Count, FileToWrite, Measure
from agents.commands.options import echo_json, json_option
from agents.creatives.declarations import Declarations
from agents.creatives.reference import GENERATOR_FOLLOWS, GeneratorReference
from agents.pool.ahead.filler import Shares
from agents.pool.ahead.filling_now import Filled, fill_now
from agents.pool.ahead.in_force import pool_model
from agents.pool.ahead.wanting import copy_places_of, offered_by, owner_key
from agents.pool.ahead.writing import WritingRecipe
from agents.pool.basis import Bases
from agents.pool.demand import CopyPlace
from agents.pool.judge import judge_in_force
from agents.pool.reading import read_demand
from agents.pool.view import PoolView
from agents.writing.copywriters import Loaded, load_first
from models.evaluation.diversity import distinct
from models.evaluation.quality import VARIANTS
from models.rules import load_rules
from streams import records as r
from streams.broker.clients import require_broker
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.topics import COPY, TopicSpec
from streams.unix_time import unix_ms
from streams.wire.codecs import Headers
from streams.wire.record_files import write_lines

EVERYTHING_BYTES = 1 << 40
"""Here nothing has to be cold."""


@dataclass(frozen=True)
class FillOrder:
    """What was asked for on the command line."""

    limit: int | None
    campaign: str | None
    recipe: WritingRecipe
    shares: Shares
    quiet: bool


@click.command()
@click.option("--limit", type=Count(1), help="At most so many items, the hottest; default all.")
@click.option("--campaign", help="For this campaign alone.")
@click.option("--copies", type=click.IntRange(1, 64), help="Per item, slot and style; default as set.")
@click.option("--drafts", type=click.IntRange(1, 64), help="Of which the best are kept; default as set.")
@click.option(
    "--core-share",
    type=Measure(0.01, 1),
    default=1.0,
    show_default=True,
    help="Part of a processor that it may take.",
)
@click.option(
    "--out",
    type=FileToWrite(),
    metavar="FILE.jsonl.gz",
    help="Write the entries of these items to a file as well, one JSON object per line.",
)
@json_option()
def command(
    limit: int | None,
    campaign: str | None,
    copies: int | None,
    drafts: int | None,
    core_share: float,
    out: Path | None,
    as_json: bool,
) -> None:
    """Write copy ahead until every slot and style of the items has it: drafts, judged, the best kept.

    The hottest items come first, by what was asked for in the last 7 days, of every campaign that runs,
    clips of video slots among them. Workers fill the pool as well, in
    idle time; what is there already is not written again.
    """
    settings = Settings.from_environ(os.environ)
    order = FillOrder(
        limit,
        campaign,
        WritingRecipe(drafts or settings.pool_drafts, judge_in_force(settings.pool_bar), load_rules, Bases()),
        Shares(copies or settings.pool_copies, core_share),
        as_json,
    )
    begun_s = time.monotonic()
    filled, standing = asyncio.run(_fill(settings, order))
    if out is not None:
        write_lines(out, standing)
    report: dict[str, Any] = {
        "written": len(filled.entries),
        "items": len({each.item_id for each in standing}),
        "entries": len(standing),
        "campaigns": dict(Counter(each.campaign_id for each in standing)),
        "places_left": filled.left,
        "distinct_2": variety(standing),
        "calls": filled.calls,
        "seconds": round(time.monotonic() - begun_s, 1),
        "judge": order.recipe.judge.name,
        "bar": order.recipe.judge.bar,
    }
    if as_json:
        echo_json(report)
        return
    click.echo(
        f"{report['written']} copies written in {report['seconds']} s; the pool has {report['entries']} for "
        f"{report['items']} items (distinct-2 of ten: {report['distinct_2']}); for {report['places_left']} "
        "places no draft was good enough"
    )
    told = ", ".join(f"{name} {count}" for name, count in sorted(report["campaigns"].items()))
    click.echo(f"by campaign (--campaign ID fills one alone): {told or 'none'}")
    click.echo("read them: shiftcast copy list" + (f"; kept in {out}" if out else ""))


def variety(entries: Sequence[r.CopyEntry]) -> float | None:
    """Distinct-2 over at most VARIANTS copies of an item, mean over items; None where no item has two."""
    texts: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for each in entries:
        offered = each.campaign_id, each.item_id, each.slot, each.locale
        texts[offered].append(f"{each.copy.headline} \n {each.copy.description}")
    several = [distinct(said[:VARIANTS], 2) for said in texts.values() if len(said) > 1]
    return round(sum(several) / len(several), 4) if several else None


async def _fill(settings: Settings, order: FillOrder) -> tuple[Filled, list[r.CopyEntry]]:
    """What was written, and all that the pool has for the items that were meant."""
    await require_broker(settings)
    with Console(stderr=True).status("loading the copywriter, reading what it writes about"):
        loaded = await asyncio.to_thread(load_first, settings)
        reference = GeneratorReference(Declarations.of(settings))
        view = PoolView(EVERYTHING_BYTES)

        def on_record(
            spec: TopicSpec, key: str, record: r.Record | None, headers: Headers, append_ts: int
        ) -> None:
            if spec is COPY:
                view.take(key, record)
            else:
                reference.on_record(spec, key, record, headers, append_ts)

        follower = Follower(settings, (*GENERATOR_FOLLOWS, COPY), on_record)
        await follower.start()
    producer = OutputProducer(settings)
    try:
        await producer.start()
        places = await _places(settings, reference, order)
        filled = await _write(places, view, reference, loaded, order, producer)
    finally:
        await producer.stop()
        await follower.stop()
    offered = dict.fromkeys((place.campaign_id, place.item_id) for place in places)
    return filled, [each.entry() for one in offered for each in view.of(one).values()]


async def _places(settings: Settings, reference: GeneratorReference, order: FillOrder) -> list[CopyPlace]:
    matcher = reference.snapshot().matcher
    if matcher is None:
        raise RefusedError("no catalogue yet: make one with `shiftcast index --load FILE.jsonl`")
    if order.campaign is not None and order.campaign not in matcher.campaigns:
        raise RefusedError(
            f"no campaign {order.campaign} runs; those that do: {', '.join(matcher.campaigns) or 'none'}"
        )
    demand = await read_demand(settings, unix_ms())
    mine = "" if order.campaign is None else owner_key((order.campaign, ""))
    offered = offered_by(matcher, demand.hottest(), lambda key: key.startswith(mine), order.limit)
    return [
        place
        for campaign_id, item_id in offered
        for place in copy_places_of(matcher.campaigns[campaign_id], item_id)
    ]


async def _write(
    places: Sequence[CopyPlace],
    view: PoolView,
    reference: GeneratorReference,
    loaded: Loaded,
    order: FillOrder,
    producer: OutputProducer,
) -> Filled:
    with _bar(len(places), order.quiet) as advance:
        return await fill_now(
            places,
            view,
            lambda: reference.snapshot().matcher,
            pool_model(loaded),
            order.recipe,
            order.shares,
            producer.send,
            lambda: time.time() * 1_000,
            advance,
        )


@contextmanager
def _bar(total: int, quiet: bool) -> Iterator[Any]:
    """A progress bar on the error output; what is yielded advances it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task("places", total=total)
        yield lambda n: progress.advance(task, n)
