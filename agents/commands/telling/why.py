"""`shiftcast why`: why one creative was made, as far as the topics still hold it."""

from __future__ import annotations

import asyncio
import os
import secrets

import click
from rich.table import Table

from agents.commands.options import echo_json, json_option
from agents.commands.tables import print_table
from agents.explaining.explanation import explain_creative
from agents.explaining.found import find
from agents.explaining.told import explanation_lines
from agents.overview.state import Overview
from streams.settings import Settings
from streams.topics import CREATIVE, GENERATION
from streams.unix_time import unix_ms


@click.command()
@click.argument("creative_id")
@json_option()
def command(creative_id: str, as_json: bool) -> None:
    """Tell why CREATIVE_ID (cr_...) was made: what moved in the user's interest, what was chosen and how
    likely that was, what review said, who wrote it, what its cell earned.

    The user appears as a pseudonym. Reads topics that hold personal data: the broker's ACLs guard them.
    """
    settings = Settings.from_environ(os.environ)
    found = asyncio.run(find(settings, creative_id))
    if found.creative is None and found.result is None:
        raise click.ClickException(unknown_creative(creative_id))
    now_ms = unix_ms()
    told = explain_creative(creative_id, found, Overview(secrets.token_bytes(16)).pseudonym, now_ms)
    if as_json:
        echo_json(told)
        return
    table = Table(show_header=False, title=f"Why {creative_id}", title_justify="left")
    for name, words in explanation_lines(told):
        table.add_row(name, words)
    print_table(table)


def unknown_creative(creative_id: str) -> str:
    """What to type instead."""
    return (
        f"{creative_id} is neither on {CREATIVE.name} nor on {GENERATION.name}: an id is cr_ and 16 hex "
        "digits, results are kept for 30 days; the live ones of a user: `shiftcast show-user USER`"
    )
