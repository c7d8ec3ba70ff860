"""`shiftcast page`: serves the read-only page until stopped."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import replace

import click

from agents.commands.options import echo_json, json_option
from agents.overview.serving import serve_page
from streams.settings import Settings


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="Port; 0 takes a free one. Default: SHIFTCAST_PAGE_PORT."
)
@click.option("--bind", help="Address; default: SHIFTCAST_PAGE_BIND, loopback unless set.")
@json_option("Print the operator's link as a JSON object.")
def command(port: int | None, bind: str | None, as_json: bool) -> None:
    """Serve the read-only page and print the operator's link."""
    settings = Settings.from_environ(os.environ)
    # Its picture says that the broker is away; the client would say so a hundred times a second.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    chosen = {name: value for name, value in (("page_port", port), ("page_bind", bind)) if value is not None}
    settings = replace(settings, **chosen)  # type: ignore[arg-type]
    try:
        asyncio.run(serve_page(settings, lambda link: _say(link, as_json)))
    except OSError as error:
        raise click.ClickException(
            f"the page cannot listen: {error.strerror or error}; name another with --port or --bind"
        ) from error


def _say(link: str, as_json: bool) -> None:
    if as_json:
        echo_json({"page": link})
    else:
        click.echo(f"the page with reasons: {link}")
