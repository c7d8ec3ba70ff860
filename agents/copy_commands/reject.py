"""`shiftcast copy reject ID...`: copies that must not be shown, and what was made of them neither."""

from __future__ import annotations

import asyncio
import getpass
import os

import click

from agents.commands.options import by_option, echo_json, json_option
from agents.pool.deciding import reject
from streams.settings import Settings
from streams.topics import REVOCATION
from streams.unix_time import unix_ms


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@by_option
@json_option()
def command(ids: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Let copies be shown no more: creatives made of them are revoked at once and withdrawn key by key."""
    who, now_ms = by or getpass.getuser(), unix_ms()
    decided = asyncio.run(reject(Settings.from_environ(os.environ), ids, who, now_ms))
    if as_json:
        echo_json({"rejected": list(ids), "entries": len(decided), "by": who})
        return
    words = {each.copy_id: each.copy.headline for each in decided}
    for each in ids:
        click.echo(f"{each} is rejected: {words.get(each, 'its entry is gone')}")
    click.echo(f"{REVOCATION.name} says so; back: shiftcast copy approve {' '.join(ids)}")
