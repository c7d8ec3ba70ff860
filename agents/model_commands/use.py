"""`shiftcast model use`: the pointer moved to a version, and every worker told."""

from __future__ import annotations

import asyncio
import os

import click

from agents.commands.options import echo_json, json_option
from agents.copywriters.announcing import announce_current, found, registry_of
from streams.settings import Settings
from streams.unix_time import unix_ms


@click.command()
@click.argument("which", metavar="NAME/VERSION|FOLDER|builtin")
@click.option("--offline", is_flag=True, help="Only move the pointer: workers read it when they start.")
@json_option()
def command(which: str, offline: bool, as_json: bool) -> None:
    """Make a version current. A model folder is first copied into the registry under the name and version of
    its manifest.

    Workers load it beside the old one and switch between two batches; one that cannot use it says so in its
    log and keeps the old one.
    """
    settings, now_ms = Settings.from_environ(os.environ), unix_ms()
    registry = registry_of(settings)
    moved = asyncio.run(
        announce_current(
            settings, lambda: registry.use(found(registry, which).reference, now_ms), now_ms, offline
        )
    )
    if as_json:
        echo_json(
            {"current": moved.release.reference, "sha256": moved.release.sha256, "announced": not offline}
        )
        return
    click.echo(
        f"{moved.release.reference} is "
        f"current{'; workers read it when they start' if offline else ' and announced'}"
    )
    click.echo("back: shiftcast model rollback")
