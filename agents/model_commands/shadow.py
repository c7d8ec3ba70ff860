"""`shiftcast model shadow`: a version that writes beside the current one, measured and not published."""

from __future__ import annotations

import asyncio
import os

import click

from agents.commands.option_types import Measure
from agents.commands.options import echo_json, json_option
from agents.copywriters.announcing import found, let_shadow, registry_of
from streams.settings import Settings
from streams.unix_time import unix_ms


@click.command()
@click.argument("which", metavar="NAME/VERSION|FOLDER|builtin", required=False)
@click.option(
    "--share",
    type=Measure(0, 1, above=True),
    default=0.1,
    show_default=True,
    help="Share of requests.",
)
@click.option("--off", is_flag=True, help="End it.")
@json_option()
def command(which: str | None, share: float, off: bool, as_json: bool) -> None:
    """Let a version write beside the current one for a share of requests, after the answer is out.

    Nothing of it is published: `shiftcast_shadow_*` of the workers' metrics count briefs by outcome, findings
    of the review and seconds.
    """
    if off == (which is not None):
        raise click.UsageError("name a version, or --off to end the shadow")
    settings, now_ms = Settings.from_environ(os.environ), unix_ms()
    release = asyncio.run(
        let_shadow(
            settings,
            lambda: None if which is None else found(registry_of(settings), which),
            share,
            now_ms,
        )
    )
    reference = None if release is None else release.reference
    if as_json:
        echo_json({"shadow": reference, "share": share if reference else 0})
    else:
        click.echo(
            f"{reference} writes beside, for {100 * share:g} % of requests; end it with --off"
            if reference
            else "no shadow any more"
        )
