"""`shiftcast report`: what a campaign earned, as it may be given to its advertiser."""

from __future__ import annotations

import asyncio
import csv
import os
import sys
from pathlib import Path
from typing import Any, TextIO

import click

from agents.commands.option_types import Count, FileToWrite
from agents.commands.options import echo_json, json_option
from agents.commands.telling.advise import unknown_campaign
from agents.explaining.advising import read_metrics
from agents.explaining.report import OUTSIDE_K, Report, campaign_report_of
from streams.settings import Settings
from streams.unix_time import unix_ms


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option(
    "--k",
    type=Count(1),
    default=OUTSIDE_K,
    show_default=True,
    help="Cells that fewer users saw stay untold; the campaign's own k where that is more.",
)
@click.option("--out", type=FileToWrite(), metavar="FILE.csv", help="Without it the CSV is printed.")
@json_option()
def command(campaign_id: str, k: int, out: Path | None, as_json: bool) -> None:
    """Report what CAMPAIGN earned to its advertiser: by day (UTC), in all and per template, arm, slot and
    segment.

    A day is told once no event can change it any more (SHIFTCAST_MAX_EVENT_AGE_S after its end), and never
    twice otherwise: two reports say nothing by their difference. Where cells stay untold, the smallest cell
    that could be told stays untold with them, so that no total gives them away.
    """
    settings = Settings.from_environ(os.environ)
    found = asyncio.run(read_metrics(settings, campaign_id))
    if not found.metrics:
        raise click.ClickException(unknown_campaign(campaign_id, found))
    age_ms = int(settings.max_event_age_s * 1_000)
    made = campaign_report_of(found.metrics.values(), k, age_ms, unix_ms())
    if as_json:
        echo_json({"campaign_id": campaign_id, "k": k, "lines": [each.told() for each in made.lines]})
    elif out is None:
        write_csv(made, sys.stdout)
    else:
        with out.open("w", newline="", encoding="utf-8") as file:
            write_csv(made, file)
    click.echo(_summary(made, k), err=True)


def write_csv(made: Report, file: TextIO) -> None:
    """A row per line, money in a column per currency."""
    rows = [_flat(each.told()) for each in made.lines]
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(file, list(columns), restval="0")
    writer.writeheader()
    writer.writerows(rows)


def _flat(told: dict[str, Any]) -> dict[str, Any]:
    money = {name: told.pop(name) for name in ("revenue", "cost")}
    by_currency = {
        f"{name}_{currency}": amount for name, each in money.items() for currency, amount in each.items()
    }
    return told | by_currency


def _summary(made: Report, k: int) -> str:
    days = len({each.day for each in made.lines})
    cells = sum(each.withheld for each in made.lines)
    return (
        f"{days} days; {cells} cells and {made.untold_days} whole days stay untold (fewer than {k} users); "
        f"{made.young_days} days may still change and are told later"
    )
