"""`shiftcast revoke`: a campaign, item, template or creative that must not be shown any more, or may be
again."""

from __future__ import annotations

import getpass
import os
import shlex
from typing import Final

import click

from agents.commands.control.stated import StatedId, anyway_option, state_and_look
from agents.commands.options import by_option, json_option
from agents.revoking.stating import RESUMED
from models.revocations import REVOCABLE, Revocation
from streams.settings import Settings
from streams.topics import REVOCATION
from streams.unix_time import unix_ms

BY_HAND: Final = "by_hand"


@click.command()
@click.argument("kind", type=click.Choice(REVOCABLE))
@click.argument("id", type=StatedId())
@click.option("--reason", default=BY_HAND, show_default=True, help="A word for those who ask later.")
@click.option(
    "--lift", is_flag=True, help="What is made from now on may be shown; what went does not return."
)
@anyway_option
@by_option
@json_option()
def command(kind: str, id: str, reason: str, lift: bool, anyway: bool, by: str | None, as_json: bool) -> None:
    """Say that nothing of a campaign, item, template, or one creative, may be shown. Exit code 3 when nothing
    has this ID: it is said all the same."""
    now_ms, who = unix_ms(), by or getpass.getuser()
    said = Revocation(kind, id, RESUMED if lift else reason, now_ms, lasting=not lift, by=who)
    report = {"topic": REVOCATION.name, "key": f"{kind}|{id}", "lasting": said.lasting, "by": who}
    settings = Settings.from_environ(os.environ)
    state_and_look(settings, said, anyway, lambda: _tell(said), report if as_json else None)


def _tell(said: Revocation) -> None:
    kind, id = said.kind, said.id
    if not said.lasting:
        click.echo(f"{REVOCATION.name}: {kind} {id} may be shown again")
        click.echo(
            "what is made from now on is shown; a pause, denial or sold-out item in the data revokes again"
        )
        return
    click.echo(f"{REVOCATION.name}: {kind} {id} is revoked ({said.reason})")
    click.echo(
        "ad servers and generators obey as soon as they read it; profile workers then withdraw what is "
        'live, key by key: shiftcast_tombstones_total{cause="revoked"}'
    )
    click.echo(f"back: shiftcast revoke {kind} {shlex.quote(id)} --lift")
