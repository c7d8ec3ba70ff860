"""`shiftcast materialise`: keeps a Redis of ad servers up to date until stopped."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import click

from agents.serving.mirroring import materialise
from streams.settings import Settings


@click.command()
@click.option("--redis", "url", help="redis://host:6379/0; default: SHIFTCAST_REDIS_URL.")
def command(url: str | None) -> None:
    """Write creatives, segments and revocations to a Redis, each under its topic key."""
    settings = Settings.from_environ(os.environ)
    settings = replace(settings, redis_url=url) if url else settings
    asyncio.run(materialise(settings, lambda: click.echo("written: all that stands on the topics")))
