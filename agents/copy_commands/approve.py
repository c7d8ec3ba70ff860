"""`shiftcast copy approve ID...`: a person lets copies be shown."""

from __future__ import annotations

import asyncio
import getpass
import os

import click

from agents.commands.options import by_option, echo_json, json_option
from agents.pool.deciding import approve
from streams.settings import Settings
from streams.unix_time import unix_ms


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@by_option
@json_option()
def command(ids: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Let copies be shown, also by campaigns that show nothing else (`people_first`)."""
    who, now_ms = by or getpass.getuser(), unix_ms()
    decided = asyncio.run(approve(Settings.from_environ(os.environ), ids, who, now_ms))
    if as_json:
        echo_json({"approved": [each.copy_id for each in decided], "by": who})
        return
    for each in decided:
        click.echo(f"{each.copy_id} is approved: {each.copy.headline}")
