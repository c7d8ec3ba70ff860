"""`shiftcast switch`: the kill switch, one record for a campaign or for all."""

from __future__ import annotations

import getpass
import os
import shlex
from typing import Final

import click

from agents.commands.control.stated import StatedId, anyway_option, state_and_look
from agents.commands.options import by_option, json_option
from models.revocations import (
    DEFAULTS_ONLY,
    EVERYTHING,
    NORMAL,
    SWITCH,
    SWITCHED,
    TEMPLATES_ONLY,
    Revocation,
)
from streams.settings import Settings
from streams.topics import REVOCATION
from streams.unix_time import unix_ms

MODES: Final = {each.replace("_", "-"): each for each in (TEMPLATES_ONLY, DEFAULTS_ONLY, NORMAL)}
THEN: Final = {
    TEMPLATES_ONLY: "no model writes; what models wrote is withdrawn; approved templates answer",
    DEFAULTS_ONLY: "nothing personal is made; all but the defaults (d|...) is withdrawn",
    NORMAL: "models write again; what was withdrawn does not return, users get new creatives as they shift",
}


@click.command()
@click.argument("mode", type=click.Choice(list(MODES)))
@click.option(
    "--campaign",
    type=StatedId(everything=True),
    default=EVERYTHING,
    help="Of this campaign alone; without it: of all.",
)
@anyway_option
@by_option
@json_option()
def command(mode: str, campaign: str, anyway: bool, by: str | None, as_json: bool) -> None:
    """Leave only templates, or nothing but defaults, or go back to normal. Of two switches the stricter
    counts. Exit code 3 when nothing has the id of the campaign: it is switched all the same."""
    now_ms, chosen, who = unix_ms(), MODES[mode], by or getpass.getuser()
    said = Revocation(SWITCH, campaign, SWITCHED, now_ms, mode=chosen, by=who)
    report = {"topic": REVOCATION.name, "key": f"{SWITCH}|{campaign}", "mode": chosen, "by": who}
    settings = Settings.from_environ(os.environ)
    state_and_look(settings, said, anyway, lambda: _tell(said, mode), report if as_json else None)


def _tell(said: Revocation, mode: str) -> None:
    of = "all campaigns" if said.id == EVERYTHING else f"campaign {said.id}"
    click.echo(f"{REVOCATION.name}: {mode} for {of}; {THEN[said.mode]}")
    if said.mode != NORMAL:
        one = "" if said.id == EVERYTHING else f" --campaign {shlex.quote(said.id)}"
        click.echo(f"back: shiftcast switch normal{one}")
