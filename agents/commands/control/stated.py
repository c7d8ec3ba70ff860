"""What `revoke` and `switch` share: what a person says is sent at once, then its id is looked up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from agents.commands.options import echo_json
from agents.revoking.by_hand import state_by_hand
from agents.revoking.looking_up import LookedUp, look_up
from models.revocations import EVERYTHING, Revocation
from streams.settings import Settings

UNKNOWN: Final = 3
"""Exit code of a word about an id that nothing has."""
anyway_option = click.option("--anyway", is_flag=True, help="Do not look whether anything has this id.")


class StatedId(click.ParamType):
    """Any but an empty one; what means everything only where there is a switch of everything."""

    name = "id"

    def __init__(self, everything: bool = False) -> None:
        self._everything = everything

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.strip():
            self.fail(f"{value!r} is no id", param, ctx)
        if value == EVERYTHING and not self._everything:
            what = "`shiftcast switch defaults-only` leaves only the defaults of all campaigns"
            self.fail(f"{value!r} is no id: {what}", param, ctx)
        return value


def state_and_look(
    settings: Settings,
    said: Revocation,
    anyway: bool,
    tell: Callable[[], None],
    report: Mapping[str, Any] | None,
) -> None:
    """Send it, `tell` it (or the JSON `report`), and look it up. Raises Exit when nothing has its id."""
    asyncio.run(state_by_hand(settings, said, said.since_ms))
    if report is None:
        tell()
    if anyway or (said.mode and said.id == EVERYTHING):
        looked = LookedUp(None)
    else:
        looked = asyncio.run(look_up(settings, said.kind, said.id))
    if report is not None:
        echo_json({**report, "known": looked.known, "near": looked.near or None})
    what = f"{'campaign' if said.mode else said.kind} {said.id}"
    if looked.why:
        click.echo(f"it is said; whether {what} is known was not found out: {looked.why}", err=True)
    elif looked.known is False:
        meant = f"did you mean {looked.near}?" if looked.near else "is it spelt right?"
        click.echo(
            f"warning: it is said, but no {what} is known, so it may stop nothing: {meant} "
            "(--anyway: do not look)",
            err=True,
        )
        raise click.exceptions.Exit(UNKNOWN)
