"""`shiftcast portraits`: which groups users fall into by what they do, and what each is like."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import click
from rich.table import Table

from agents.commands.groups import GuessingGroup
from agents.commands.option_types import Count
from agents.commands.options import echo_json, json_option
from agents.commands.tables import print_table
from agents.portraits.publishing import LEAST_USERS, fit_and_publish, published_portraits
from agents.portraits.telling import told_portraits
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.unix_time import unix_ms


@click.group(cls=GuessingGroup, invoke_without_command=True)
@json_option()
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show the groups that users fall into, each with its name, size and habits.

    `shiftcast index --refit` fits them with each new version of the catalogue, `shiftcast portraits fit` anew
    for the current one. New users start from the portrait of the group that they resemble.
    """
    if context.invoked_subcommand is not None:
        return
    catalog, found = asyncio.run(published_portraits(Settings.from_environ(os.environ)))
    if found is None:
        raise RefusedError(
            f"catalogue version {catalog.version} has no portraits: fit them with `shiftcast portraits fit`"
        )
    _show(told_portraits(found, catalog.version), as_json)


@command.command("fit")
@click.option(
    "--least-users",
    type=Count(2),
    default=LEAST_USERS,
    show_default=True,
    help="Smaller groups are not told of.",
)
@json_option()
def fit(least_users: int, as_json: bool) -> None:
    """Group the users of the log anew and make the portraits current for all workers.

    Users who did not agree to a profile, took that back or were erased are left out.
    """
    settings = Settings.from_environ(os.environ)
    now_ms = unix_ms()
    catalog, made = asyncio.run(fit_and_publish(settings, least_users, now_ms))
    _show(told_portraits(made, catalog.version), as_json)


def _show(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        echo_json(told)
        return
    columns = ("group", "users", "share", "interests", "hours", "device", "country", "positives", "spends")
    table = Table(
        *columns,
        title=f"{told['users']:,} users of catalogue version {told['version']}",
        title_justify="left",
    )
    for each in told["groups"]:
        table.add_row(
            each["name"],
            f"{each['users']:,}",
            f"{each['share']:.1%}",
            ", ".join(f"{one['name']} {one['share']:.0%}" for one in each["interests"]),
            *(each[name] or "" for name in ("hours", "device", "country")),
            f"{each['positives']:g}",
            each["spends"] or "",
        )
    print_table(table)
    if told["hidden"]:
        click.echo(
            f"{told['hidden']} more group{'s' * (told['hidden'] != 1)} of fewer than {told['least']} users "
            "not told of"
        )
