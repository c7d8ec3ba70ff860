"""`shiftcast revoke`: a campaign, item, template or creative that must not be shown any more, or may be
again."""

from __future__ import annotations

import asyncio
import getpass
import os
import time
from typing import Final

import click

from agents.commands.options import by_option, echo_json, json_option
from agents.revoking.by_hand import state_by_hand
from agents.revoking.stating import RESUMED
from models.revocations import REVOCABLE, Revocation
from streams.settings import Settings
from streams.topics import REVOCATION

BY_HAND: Final = "by_hand"


@click.command()
@click.argument("kind", type=click.Choice(REVOCABLE))
@click.argument("id")
@click.option("--reason", default=BY_HAND, show_default=True, help="A word for those who ask later.")
@click.option(
    "--lift", is_flag=True, help="What is made from now on may be shown; what went does not return."
)
@by_option
@json_option()
def command(kind: str, id: str, reason: str, lift: bool, by: str | None, as_json: bool) -> None:
    """Say that nothing of a campaign, item, template, or one creative, may be shown."""
    now_ms, who = time.time_ns() // 1_000_000, by or getpass.getuser()
    said = Revocation(kind, id, RESUMED if lift else reason, now_ms, lasting=not lift, by=who)
    asyncio.run(state_by_hand(Settings.from_environ(os.environ), said, now_ms))
    if as_json:
        echo_json({"topic": REVOCATION.name, "key": f"{kind}|{id}", "lasting": said.lasting, "by": who})
        return
    click.echo(f"{REVOCATION.name}: {kind} {id} {'may be shown again' if lift else f'is revoked ({reason})'}")
    if lift:
        click.echo(
            "what is made from now on is shown; a pause, denial or sold-out item in the data revokes again"
        )
    else:
        click.echo(
            "ad servers and generators obey as soon as they read it; profile workers then withdraw what is "
            'live, key by key: shiftcast_tombstones_total{cause="revoked"}'
        )
        click.echo(f"back: shiftcast revoke {kind} {id} --lift")
