"""`shiftcast demo`: the whole loop on this machine. A broker, the workers, simulated users whose interests
shift, creatives, the score."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from agents.calibration.threshold import MOST_FALSE
from agents.commands.option_types import SEED, Measure
from agents.commands.options import echo_json, json_option
from agents.commands.tables import print_table
from agents.demo.earned import arm_lines
from agents.demo.evening import Demo, EveningSize
from agents.demo.show import Show, figures_table, lift_line, pictures_line
from agents.demo.stage import raise_stage
from agents.overview.screen import Screen
from agents.overview.state import Overview
from streams.loud_end import stop_signals
from streams.records import Campaign, CatalogItem, CopyEntry
from streams.settings import Settings
from streams.wire.record_files import read_lines

_DATA: Final = Path(__file__).parents[3] / "deploy/demo"
NORMAL: Final = EveningSize(users=280, rate=250.0, seconds=90.0)
_SHORT: Final = EveningSize(users=90, rate=250.0, seconds=30.0)


@click.command()
@click.option("--seconds", type=Measure(5), help="Live traffic for so long; default 90, with --short 30.")
@click.option("--short", is_flag=True, help="Fewer users, a third of the time: a look, not a measurement.")
@click.option(
    "--target",
    type=Measure(0.1, MOST_FALSE),
    default=NORMAL.target,
    show_default=True,
    help="False triggers per 1,000 positives to calibrate for.",
)
@click.option(
    "--catalog",
    type=click.Path(exists=True, path_type=Path),
    default=_DATA / "catalog.jsonl",
    help="JSON lines of ads.catalog.v1.",
)
@click.option(
    "--campaigns",
    type=click.Path(exists=True, path_type=Path),
    default=_DATA / "campaigns.jsonl",
    help="JSON lines of ads.campaign.v1.",
)
@click.option(
    "--pool",
    type=click.Path(path_type=Path),
    default=_DATA / "copy.jsonl.gz",
    help="JSON lines of ads.copy.v1: copy that `shiftcast copy fill --out` wrote ahead.",
)
@click.option("--empty-pool", is_flag=True, help="Begin without copy written ahead.")
@click.option("--collect", is_flag=True, help="Users tell what they see and click by trackers, over HTTP.")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Same seed, same wishes.")
@json_option("Print the JSON line alone.")
def command(
    seconds: float | None,
    short: bool,
    target: float,
    catalog: Path,
    campaigns: Path,
    pool: Path,
    empty_pool: bool,
    collect: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Start everything, live for 90 seconds, show interests shifting and creatives appearing, and print the
    score.

    Leaves no process behind. The last line of the output is one JSON object.
    """
    begun = time.monotonic()
    base = _SHORT if short else NORMAL
    lasting = seconds or base.seconds
    size = EveningSize(max(20, round(base.users * lasting / base.seconds)), base.rate, lasting, target=target)
    items, offers = read_lines(catalog, CatalogItem), read_lines(campaigns, Campaign)
    kept = [] if empty_pool else fitting_entries(read_lines(pool, CopyEntry), items, offers)
    overview = Overview(secrets.token_bytes(16))
    show = Show(Console(), Screen(overview), lambda: time.monotonic() - begun, quiet=as_json)
    # Topics that were just made have no leader for a moment: the client retries and would say so each time.
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    asked = stop_signals()
    for number in asked:  # a shell starts background jobs with SIGINT ignored
        signal.signal(number, signal.default_int_handler)
    stage = raise_stage(Settings.from_environ(os.environ), show.say, collect)
    try:
        report = asyncio.run(
            _until_told(asked, Demo(stage, show, overview, items, offers, kept, size, seed, begun).run())
        )
    except asyncio.CancelledError as told:
        raise click.Abort from told
    finally:
        for number in asked:
            signal.signal(number, signal.SIG_IGN)
        stage.down()
    if not as_json:
        print_table(figures_table(report), show.console)
        show.console.print(lift_line(report["lift"]), highlight=False)
        for line in arm_lines(report["ctr_by_arm"]):
            show.console.print(line, highlight=False, markup=False)
        show.console.print(pictures_line(report), highlight=False, markup=False, soft_wrap=True)
    echo_json(report)


def fitting_entries(
    entries: Sequence[CopyEntry], items: Sequence[CatalogItem], offers: Sequence[Campaign]
) -> list[CopyEntry]:
    """Copy about what this demo shows: another catalogue has its own written as it goes."""
    known = {each.item_id for each in items}
    running = {each.campaign_id for each in offers}
    return [each for each in entries if each.item_id in known and each.campaign_id in running]


async def _until_told(
    asked: Sequence[signal.Signals], work: Coroutine[Any, Any, dict[str, Any]]
) -> dict[str, Any]:
    """Runs `work`; each of the signals cancels it in order, as asyncio itself does for Ctrl-C."""
    task = asyncio.current_task()
    assert task is not None, "runs in a task of asyncio.run"
    for number in {*asked} - {signal.SIGINT}:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await work
