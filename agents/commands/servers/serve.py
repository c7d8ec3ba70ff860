"""`shiftcast serve`: serves creatives to ad servers until stopped."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import replace

import click

from agents.commands.options import echo_json, json_option
from agents.serving.service import serve_creatives
from streams.settings import Settings


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="Port; 0 takes a free one. Default: SHIFTCAST_SERVE_PORT."
)
@click.option("--bind", help="Address; default: SHIFTCAST_SERVE_BIND, loopback unless set.")
@json_option("Print address and token as a JSON object.")
def command(port: int | None, bind: str | None, as_json: bool) -> None:
    """Serve creatives over HTTP: GET /v1/creative?user=&slot=&campaign=."""
    settings = Settings.from_environ(os.environ)
    # Answers say that the broker is away; the client would say so a hundred times a second.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    chosen = {
        name: value for name, value in (("serve_port", port), ("serve_bind", bind)) if value is not None
    }
    settings = replace(settings, **chosen)  # type: ignore[arg-type]
    try:
        asyncio.run(serve_creatives(settings, lambda address, token: _say(address, token, as_json)))
    except OSError as error:
        raise click.ClickException(
            f"the look-up cannot listen: {error.strerror or error}; name another with --port or --bind"
        ) from error


def _say(address: str, token: str, as_json: bool) -> None:
    if as_json:
        echo_json({"creatives": address, "token": token or None})
    else:
        click.echo(f"creatives: {address}/v1/creative" + (f" with the token {token}" if token else ""))
