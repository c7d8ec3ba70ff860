"""`shiftcast copy`: the pool of copy, filled ahead, looked at, approved and rejected. Each sub-command lives
in `agents/copy_commands/<name>.py`."""

from __future__ import annotations

from typing import Final

import click

from agents.commands.groups import LazyGroup, modules_in

SUBCOMMANDS: Final = {
    "fill": "write copy ahead, for the hottest items first: drafts, judged, the best kept",
    "list": "entries of the pool, with status and the judge's score",
    "show": "one entry: its words, what they stand on, how it was made",
    "approve": "a person has read it and lets it be shown",
    "reject": "it must not be shown; what was made of it is withdrawn",
}
"""Every sub-command with its one line."""


@click.group(cls=LazyGroup, module_of=modules_in("agents.copy_commands"), lines=SUBCOMMANDS)
def command() -> None:
    """Fill, read, approve and reject copy that is written ahead."""
