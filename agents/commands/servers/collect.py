"""`shiftcast collect`: takes what trackers tell until stopped."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import replace

import click

from agents.collecting.service import collect_events
from agents.commands.options import echo_json, json_option
from streams.settings import Settings


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="Port; 0 takes a free one. Default: SHIFTCAST_COLLECT_PORT.",
)
@click.option("--bind", help="Address; default: SHIFTCAST_COLLECT_BIND, loopback unless set.")
@json_option("Print the address as a JSON object.")
def command(port: int | None, bind: str | None, as_json: bool) -> None:
    """Take impressions, views, clip progress and clicks from the trackers of our creatives."""
    settings = Settings.from_environ(os.environ)
    # /health says that the broker is away; the client would say so a hundred times a second.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if port is not None:
        settings = replace(settings, collect_port=port)
    if bind is not None:
        settings = replace(settings, collect_bind=bind)
    try:
        asyncio.run(collect_events(settings, lambda address: _say(address, as_json)))
    except OSError as error:
        raise click.ClickException(
            f"the collector cannot listen: {error.strerror or error}; name another with --port or --bind"
        ) from error


def _say(address: str, as_json: bool) -> None:
    if as_json:
        echo_json({"collector": address})
    else:
        click.echo(f"collector: {address}")
