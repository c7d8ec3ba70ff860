"""`shiftcast simulate`: users whose interests shift, on the broker that runs, with the truth written to a
file."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from rich.progress import Progress

from agents.commands.option_types import SEED, Count, FileToWrite, Measure
from agents.commands.options import echo_json, json_option
from agents.demo.crowd import Crowd, CrowdTruth
from models.world.traffic import EVENTS_PER_VISIT, TrafficPlan
from streams.records import CatalogItem
from streams.settings import Settings
from streams.unix_time import unix_ms
from streams.wire.record_files import read_lines

_CATALOG: Final = Path(__file__).parents[3] / "deploy/demo/catalog.jsonl"


@click.command()
@click.option(
    "--users", type=click.IntRange(1, 1_000_000), default=300, show_default=True, help="How many users live."
)
@click.option("--rate", type=Measure(1), default=200.0, show_default=True, help="Live events per second.")
@click.option(
    "--seconds",
    type=Measure(0),
    default=60.0,
    show_default=True,
    help="How long they live after their history.",
)
@click.option(
    "--shifts",
    type=Measure(0, 1),
    default=0.8,
    show_default=True,
    help="Share of users whose interest shifts once.",
)
@click.option(
    "--history",
    type=Count(12, 100_000),
    default=40,
    show_default=True,
    help="Positive events per user in the six days before.",
)
@click.option(
    "--history-rate",
    type=Measure(1),
    default=2000.0,
    show_default=True,
    help="Events per second of the history.",
)
@click.option(
    "--catalog",
    type=click.Path(path_type=Path),
    default=_CATALOG,
    help="JSON lines of ads.catalog.v1; default: the demo's.",
)
@click.option("--truth", type=FileToWrite(), help="Write the truth here: one JSON line per positive event.")
@click.option(
    "--world",
    type=FileToWrite(),
    help="Write here what truly makes these users click: one JSON object.",
)
@click.option(
    "--seed",
    type=SEED,
    default=1,
    show_default=True,
    help="Same seed, same wishes; users are named anew in each run.",
)
@json_option("Print one JSON object at the end.")
def command(
    users: int, rate: float, seconds: float, shifts: float, history: int, history_rate: float,
    catalog: Path, truth: Path | None, world: Path | None, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Send consent, six days of history, then live events of simulated users."""
    plan = TrafficPlan(
        users,
        history,
        shifters=shifts,
        live_positives=live_positives(rate, seconds, users),
        tag=f"s{seed}-{unix_ms() // 1000:x}-",
    )
    settings = Settings.from_environ(os.environ)
    items = read_lines(catalog, CatalogItem)
    report, lived = asyncio.run(_run(settings, items, plan, seed, rate, seconds, history_rate, quiet=as_json))
    if truth is not None:
        write_truth(lived.truth, truth)
        report["truth"] = str(truth)
    if world is not None:
        world.write_bytes(msgspec.json.format(msgspec.json.encode(lived.world())) + b"\n")
        report["world"] = str(world)
    if as_json:
        echo_json(report)
    else:
        click.echo("\n".join(f"{name:>14}  {value}" for name, value in report.items()))


def live_positives(rate: float, seconds: float, users: int) -> int:
    """Positives each user may expect to live through."""
    return round(rate * seconds / EVENTS_PER_VISIT / users)


def write_truth(truth: CrowdTruth, path: Path) -> None:
    """One JSON line per positive event: user, id, ts, number, category, live, and whether a new interest
    began with it."""
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in truth.lines))


async def _run(
    settings: Settings,
    items: list[CatalogItem],
    plan: TrafficPlan,
    seed: int,
    rate: float,
    seconds: float,
    history_rate: float,
    quiet: bool,
) -> tuple[dict[str, Any], Crowd]:
    crowd = Crowd(settings, items, plan, seed)
    await crowd.start()
    try:
        with Progress(disable=quiet) as bar:
            at_ms = unix_ms()
            await crowd.send_consent(at_ms)
            past = bar.add_task("history", total=1.0)
            history = await crowd.send_history(
                at_ms, history_rate, lambda share: bar.update(past, completed=share)
            )
            life = bar.add_task("live", total=round(rate * seconds))
            took_s = await crowd.live(seconds, rate, lambda n: bar.advance(life, n))
    finally:
        await crowd.stop()
    positives = crowd.truth.positives.values()
    events = crowd.truth.events
    report = {
        "users": crowd.plan.users, "history_events": history, "live_events": events,
        "live_positives": len(positives),
        "shifts": sum(p.shift for p in positives),
        "events_per_s": round(events / took_s, 1) if took_s else 0.0,
    }  # fmt: skip
    return report, crowd
