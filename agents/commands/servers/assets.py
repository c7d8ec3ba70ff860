"""`shiftcast assets`: the folder of pictures and clips, and what a file of it says of its origin."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict, replace
from pathlib import Path

import click

from agents.commands.groups import GuessingGroup
from agents.commands.options import echo_json, json_option
from agents.rendering.serving import serve_assets
from models.credentials.signing import MISSING, can_sign
from streams.settings import Settings


@click.group(cls=GuessingGroup)
def command() -> None:
    """Pictures and clips of creatives."""


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


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--anchors",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates of authorities that you trust, PEM.",
)
@json_option()
def verify(file: Path, anchors: Path | None, as_json: bool) -> None:
    """Say who signed FILE and what was signed. Exit code 1 when it carries no credentials or was changed."""
    if not can_sign():
        raise click.ClickException(MISSING)
    from agents.rendering.verifying import WHOLE, credentials_of, lines_of

    try:
        found = credentials_of(file, anchors)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        echo_json(asdict(found))
    else:
        click.echo("\n".join(lines_of(found)))
    if found.state not in WHOLE:
        raise click.exceptions.Exit(1)


def _say(address: str, as_json: bool) -> None:
    if as_json:
        echo_json({"pictures": address})
    else:
        click.echo(f"pictures: {address}")
