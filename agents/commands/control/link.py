"""`shiftcast link`: a user's statement that another pseudonym is the same person's, or its end."""

from __future__ import annotations

import asyncio
import os
import time

import click

from agents.commands.options import UserKey, echo_json, json_option
from agents.linking.stating import send_statement
from streams.mapping.links import statement_output, unlink_output
from streams.settings import Settings
from streams.topics import IDENTITY


@click.command()
@click.argument("user", type=UserKey())
@click.argument("partner", required=False, type=UserKey())
@click.option("--withdraw", is_flag=True, help="End the link of USER, whoever the partner is.")
@json_option()
def command(user: str, partner: str | None, withdraw: bool, as_json: bool) -> None:
    """Say in the name of USER that PARTNER is the same person; it counts once PARTNER says so too. Either may
    end it for both."""
    if withdraw == (partner is not None):
        raise click.UsageError("name a PARTNER to link, or --withdraw to end a link")
    if user == partner:
        raise click.UsageError("USER and PARTNER are the same pseudonym")
    now_ms = time.time_ns() // 1_000_000
    statement = (
        unlink_output(user, now_ms, now_ms) if partner is None else statement_output(user, partner, now_ms)
    )
    asyncio.run(send_statement(Settings.from_environ(os.environ), statement))
    if as_json:
        echo_json({"topic": IDENTITY.name, "key": user, "partner": partner})
    elif partner is None:
        click.echo(
            f"{IDENTITY.name}: {user} is linked with nobody; its partner's summary goes, on both sides"
        )
    else:
        click.echo(f"{IDENTITY.name}: {user} states the link with {partner}")
        click.echo(f"it counts once the other states it too: shiftcast link {partner} {user}")
        click.echo(f"back: shiftcast link {user} --withdraw")
