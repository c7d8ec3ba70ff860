"""`shiftcast switch`: the kill switch, one record for a campaign or for all."""

from __future__ import annotations

import asyncio
import getpass
import os
import time
from typing import Final

import click

from agents.commands.options import by_option, echo_json, json_option
from agents.revoking.by_hand import state_by_hand
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

MODES: Final = {each.replace("_", "-"): each for each in (TEMPLATES_ONLY, DEFAULTS_ONLY, NORMAL)}
THEN: Final = {
    TEMPLATES_ONLY: "no model writes; what models wrote is withdrawn; approved templates answer",
    DEFAULTS_ONLY: "nothing personal is made; all but the defaults (d|...) is withdrawn",
    NORMAL: "models write again; what was withdrawn does not return, users get new creatives as they shift",
}


@click.command()
@click.argument("mode", type=click.Choice(list(MODES)))
@click.option("--campaign", default=EVERYTHING, help="Of this campaign alone; without it: of all.")
@by_option
@json_option()
def command(mode: str, campaign: str, by: str | None, as_json: bool) -> None:
    """Leave only templates, or nothing but defaults, or go back to normal. Of two switches the stricter
    counts."""
    now_ms, chosen, who = time.time_ns() // 1_000_000, MODES[mode], by or getpass.getuser()
    said = Revocation(SWITCH, campaign, SWITCHED, now_ms, mode=chosen, by=who)
    asyncio.run(state_by_hand(Settings.from_environ(os.environ), said, now_ms))
    if as_json:
        echo_json({"topic": REVOCATION.name, "key": f"{SWITCH}|{campaign}", "mode": chosen, "by": who})
        return
    of = "all campaigns" if campaign == EVERYTHING else f"campaign {campaign}"
    click.echo(f"{REVOCATION.name}: {mode} for {of}; {THEN[chosen]}")
    if chosen != NORMAL:
        one = "" if campaign == EVERYTHING else f" --campaign {campaign}"
        click.echo(f"back: shiftcast switch normal{one}")
