"""`shiftcast copy show ID`: one entry of the pool, whole."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime

import click
from rich.table import Table

from agents.commands.options import echo_json, json_option
from agents.commands.tables import print_table
from agents.copy_commands.list import told_entry
from agents.pool.reading import missing_copy, read_entries, with_ids
from streams import records as r
from streams.mapping.copies import key_of_copy
from streams.settings import Settings


@click.command()
@click.argument("copy_id", metavar="ID")
@json_option()
def command(copy_id: str, as_json: bool) -> None:
    """Show an entry: its words, what they stand on, how it was made."""
    found = with_ids(asyncio.run(read_entries(Settings.from_environ(os.environ))), [copy_id])
    if copy_id not in found:
        raise missing_copy(copy_id)
    if as_json:
        echo_json(told_entry(found[copy_id]))
        return
    _show(found[copy_id])


def _show(entry: r.CopyEntry) -> None:
    text, recipe = entry.copy, entry.recipe
    decided = f", by {entry.by} {_when(entry.decided)}" if entry.by and entry.decided else ""
    table = Table(show_header=False, title=entry.copy_id, title_justify="left")
    for name, said in (
        ("headline", text.headline),
        ("description", text.description),
        ("call to action", text.cta),
        ("brand", text.brand or ""),
        ("status", entry.status + decided),
        ("score", f"{entry.score:.2f} by {recipe.judge}, bar {recipe.bar:g}"),
        ("best of", f"{recipe.drafts} drafts, round {recipe.round}"),
        ("key", key_of_copy(entry)),
        ("from brief and row", "; ".join(map(_source, entry.sources))),
        ("review", ", ".join(entry.review) or "nothing found"),
        ("written by", f"{entry.model} ({entry.model_hash}) {_when(entry.written)}"),
        ("until", _when(entry.expires)),
    ):
        table.add_row(name, said)
    print_table(table)
    if entry.status == "judged":
        click.echo(
            f"let it be shown: shiftcast copy approve {entry.copy_id}; or not: shiftcast copy reject "
            f"{entry.copy_id}"
        )


def _source(source: r.CopySource) -> str:
    where = "" if source.start is None else f" (characters {source.start} to {source.end} of the item's text)"
    return f"{source.kind}: {source.text}{where}"


def _when(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
