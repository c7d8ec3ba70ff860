"""`shiftcast model rollback`: back to what was current before."""

from __future__ import annotations

import asyncio
import os

import click

from agents.commands.options import echo_json, json_option
from agents.copywriters.announcing import announce_current, standing_registry
from streams.settings import Settings
from streams.unix_time import unix_ms


@click.command()
@click.option("--offline", is_flag=True, help="Only move the pointer: workers read it when they start.")
@json_option()
def command(offline: bool, as_json: bool) -> None:
    """Make the version before the current one current again, in the end the built-in one. Again: one step
    further back."""
    settings, now_ms = Settings.from_environ(os.environ), unix_ms()
    registry = standing_registry(settings)
    moved = asyncio.run(announce_current(settings, lambda: registry.roll_back(now_ms), now_ms, offline))
    if as_json:
        echo_json(
            {"current": moved.release.reference, "sha256": moved.release.sha256, "announced": not offline}
        )
    else:
        click.echo(
            f"{moved.release.reference} is current "
            f"again{'; workers read it when they start' if offline else ' and announced'}"
        )
