"""`shiftcast link`: a user's statement that another pseudonym is the same person's, its end, and which wait
for their other half."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from datetime import UTC, datetime

import click

from agents.commands.option_types import UserKey
from agents.commands.options import echo_json, json_option
from agents.linking.stating import send_statement
from agents.linking.waiting import Statement, read_statements, waiting_of
from streams.broker.clients import require_broker
from streams.mapping.links import statement_output, unlink_output
from streams.settings import Settings
from streams.topics import IDENTITY
from streams.unix_time import unix_ms


@click.command()
@click.argument("user", required=False, type=UserKey())
@click.argument("partner", required=False, type=UserKey())
@click.option("--withdraw", is_flag=True, help="End the link of USER, whoever the partner is.")
@click.option("--waiting", is_flag=True, help="List the links that one alone states.")
@json_option()
def command(user: str | None, partner: str | None, withdraw: bool, waiting: bool, as_json: bool) -> None:
    """Say in the name of USER that PARTNER is the same person; it counts once PARTNER says so too. Either may
    end it for both."""
    if (user is None) != waiting or (withdraw and waiting):
        raise click.UsageError("name a USER, or --waiting alone to list the links that one alone states")
    settings = Settings.from_environ(os.environ)
    if user is None:
        _tell_waiting(asyncio.run(_waiting(settings)), as_json)
        return
    if withdraw == (partner is not None):
        raise click.UsageError("name a PARTNER to link, or --withdraw to end a link")
    if user == partner:
        raise click.UsageError("USER and PARTNER are the same pseudonym")
    now_ms = unix_ms()
    statement = (
        unlink_output(user, now_ms, now_ms) if partner is None else statement_output(user, partner, now_ms)
    )
    asyncio.run(send_statement(settings, statement))
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


async def _waiting(settings: Settings) -> dict[str, Statement]:
    await require_broker(settings)
    return waiting_of(await read_statements(settings))


def _tell_waiting(waiting: Mapping[str, Statement], as_json: bool) -> None:
    if as_json:
        rows = [{"user": user, "partner": s.partner, "stated_ts": s.stated_ms} for user, s in waiting.items()]
        echo_json({"waiting": rows})
        return
    for user, said in waiting.items():
        since = datetime.fromtimestamp(said.stated_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        click.echo(f"since {since}, the other half: shiftcast link {said.partner} {user}")
    click.echo(f"{len(waiting)} links are stated by one alone")
