"""`shiftcast copy list`: entries of the pool."""

from __future__ import annotations

import asyncio
import os

import click
import msgspec
from rich.table import Table

from agents.commands.option_types import Count
from agents.commands.options import echo_json, json_option
from agents.commands.tables import print_table
from agents.pool.reading import read_entries
from streams import records as r
from streams.records.copies import APPROVED, JUDGED, REJECTED
from streams.settings import Settings
from streams.topics import COPY


@click.command()
@click.option("--campaign", help="Of this campaign alone.")
@click.option("--item", help="Of this item alone.")
@click.option("--status", type=click.Choice((JUDGED, APPROVED, REJECTED)), help="With this status alone.")
@click.option("--limit", type=Count(1), default=50, show_default=True, help="At most so many.")
@json_option("Print one JSON object per entry, one per line.")
def command(campaign: str | None, item: str | None, status: str | None, limit: int, as_json: bool) -> None:
    """List what the pool holds."""
    wanted = {"campaign_id": campaign, "item_id": item, "status": status}
    entries = [
        each
        for each in asyncio.run(read_entries(Settings.from_environ(os.environ)))
        if all(value is None or getattr(each, name) == value for name, value in wanted.items())
    ]
    if as_json:
        for each in entries[:limit]:
            echo_json(told_entry(each))
        return
    table = Table(title=f"{COPY.name}: {len(entries)} copies", title_justify="left")
    for title in ("copy", "status", "score", "campaign", "item", "slot", "style", "says"):
        table.add_column(title, overflow="fold")
    for each in entries[:limit]:
        says = f"{each.copy.headline} | {each.copy.description} | {each.copy.cta}"
        place = (each.campaign_id, each.item_id, each.slot, each.style)
        table.add_row(each.copy_id, each.status, f"{each.score:.2f}", *place, says)
    print_table(table)
    if len(entries) > limit:
        click.echo(f"{len(entries) - limit} more: narrow it down with --campaign or --item, or raise --limit")


def told_entry(entry: r.CopyEntry) -> dict[str, object]:
    """An entry as a machine reads it."""
    told: dict[str, object] = msgspec.to_builtins(entry)
    return told
