"""`shiftcast assets`: the folder of pictures."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import click

from agents.commands.options import echo_json, json_option
from agents.rendering.serving import serve_assets
from streams.settings import Settings


@click.group()
def command() -> None:
    """Pictures of creatives."""


@command.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="Port; 0 takes a free one. Default: SHIFTCAST_ASSETS_PORT."
)
@click.option("--bind", help="Address; default: SHIFTCAST_ASSETS_BIND, loopback unless set.")
@json_option("Print the address as a JSON object.")
def serve(port: int | None, bind: str | None, as_json: bool) -> None:
    """Serve the folder of pictures (SHIFTCAST_ASSETS_DIR) over HTTP, for a laptop."""
    chosen = {
        name: value for name, value in (("assets_port", port), ("assets_bind", bind)) if value is not None
    }
    settings = replace(Settings.from_environ(os.environ), **chosen)  # type: ignore[arg-type]
    try:
        asyncio.run(serve_assets(settings, lambda address: _say(address, as_json)))
    except OSError as error:
        raise click.ClickException(
            f"pictures cannot be served: {error.strerror or error}; name another with --port or --bind"
        ) from error


def _say(address: str, as_json: bool) -> None:
    if as_json:
        echo_json({"pictures": address})
    else:
        click.echo(f"pictures: {address}")
