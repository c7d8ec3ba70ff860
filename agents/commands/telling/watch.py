"""`shiftcast watch`: throughput, lag, shifts, creatives and dead letters as they happen, read from topics
alone."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import time
from contextlib import nullcontext
from math import inf
from typing import Final

import click
from rich.live import Live

from agents.commands.option_types import Measure
from agents.commands.options import echo_json, json_option
from agents.overview.gauges import GaugeSample
from agents.overview.looks import LOOK_S, Looks, keep_looking
from agents.overview.screen import Screen
from agents.overview.state import WATCHED, Overview
from agents.overview.tail import Tail
from streams.settings import Settings
from streams.tasks.cancelled import cancelled

FIRST_S: Final = 0.1
"""Until the broker has answered once."""
PATIENCE_S: Final = 10.0
"""However short the watching is, so long it waits for one picture."""


@click.command()
@click.option("--seconds", type=Measure(0), help="Stop after this long; without it, at Ctrl-C.")
@click.option(
    "--every",
    type=Measure(0.1),
    default=1.0,
    show_default=True,
    help="Seconds between two pictures.",
)
@json_option("Print one JSON object per picture, one per line.")
def command(seconds: float | None, every: float, as_json: bool) -> None:
    """Watch the stream live. Users appear as pseudonyms of this process; nothing is consumed from a worker's
    group."""
    settings = Settings.from_environ(os.environ)
    # Its picture says that the broker is away; the client would say so a hundred times a second.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    asyncio.run(_watch(settings, seconds, every, as_json))


async def _watch(settings: Settings, seconds: float | None, every: float, as_json: bool) -> None:
    overview, looks = Overview(secrets.token_bytes(16)), Looks()
    screen = Screen(overview, note=f"{settings.broker} · Ctrl-C ends the watching, nothing else")
    tail = Tail(settings, [spec.name for spec in WATCHED], lambda record: screen.add(overview.take(record)))
    begun_s = time.monotonic()
    end_s = inf if seconds is None else begun_s + seconds
    await tail.start()
    looking = asyncio.create_task(keep_looking(settings, looks.add, tail.check, min(every, LOOK_S)))
    try:
        with nullcontext() if as_json else Live(auto_refresh=False) as live:
            shown = False
            while (now_s := time.monotonic()) < end_s or (not shown and now_s < begun_s + PATIENCE_S):
                tail.check()
                stale_s = looks.age_s() if looks.stale() else None
                sample = looks.newest()
                shown = sample is not None
                if live is not None:
                    live.update(screen.drawn(sample, stale_s), refresh=True)
                elif sample is not None:
                    echo_json(watch_line(overview, sample, looks))
                await asyncio.sleep(every if looks.samples else FIRST_S)
    finally:
        await cancelled(looking)
        await tail.stop()


def watch_line(overview: Overview, sample: GaugeSample, looks: Looks) -> dict[str, object]:
    """One picture as a machine reads it: no user, no copy."""
    public = overview.public()
    del public["cards"]
    return {
        "ts": sample.now_ms,
        "age_s": round(looks.age_s(), 1),
        "stale": looks.stale(),
        "events_per_s": sample.events_per_s,
        "by_topic": sample.by_topic,
        "lag": sample.lag,
        "members": sample.members,
        **public,
    }
