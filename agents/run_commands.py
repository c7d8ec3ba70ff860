"""The `shiftcast` command line: loads only the command that was typed, so `shiftcast --help` stays
instant."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final, TextIO

import click

from agents.commands.groups import LazyGroup
from streams.loud_end import mistake_of

COMMANDS: Final = {
    "demo": "the whole loop on this machine: broker, workers, simulated users, creatives",
    "simulate": "send events of simulated users whose interests shift",
    "replay": "send a real order log as events, at a chosen speed",
    "watch": "live: throughput, lag, shifts, creatives as they appear",
    "worker": "start a worker: profiles, generator, catalog, clicks, feedback, renderer",
    "page": "serve the read-only page",
    "serve": "serve creatives to ad servers over HTTP",
    "collect": "take impressions, views and clicks from the trackers of our creatives",
    "materialise": "keep creatives, segments and revocations in a Redis for ad servers",
    "assets": "pictures and clips: serve them, who signed one, what an advertiser supplies",
    "why": "why a creative was made: what moved, what was chosen, what it earned",
    "advise": "what holds a campaign back, and the edit that would change it",
    "report": "what a campaign earned, as it may be given to its advertiser",
    "show-user": "what is kept of one user",
    "link": "state that two pseudonyms are one person, or withdraw it",
    "check": "compare broker, topics and environment with the code; names what repairs",
    "revoke": "say that a campaign, item, template or creative must not be shown, or may be again",
    "switch": "the kill switch: templates only, defaults only, or normal",
    "calibrate": "find the detector threshold for a target rate of false triggers",
    "experiment": "split a campaign's users over treatments, compare what they do, end it",
    "evaluate": "what other policies would have earned, from the log of exposures",
    "training-log": "copy that was shown and what came of it, to train on",
    "index": "turn the catalogue topic into item vectors and interest codes",
    "portraits": "which groups users fall into, and what each is like",
    "campaign": "look at a campaign file before it is sent: line, field, what was probably meant",
    "topics": "create or list the topics",
    "schema": "JSON Schemas of all messages and the AsyncAPI document",
    "copy": "copy that is written ahead: fill the pool, read it, approve, reject",
    "model": "make, check and swap copywriters: export, train, refresh, evaluate, use",
    "dead-letters": "list what was refused, and send it again",
    "broker": "start, stop or inspect a local Apache Kafka",
}
"""Every command with its one line, in the order a newcomer meets them."""
ROOMS: Final = {
    "traffic": ("demo", "simulate", "replay"),
    "telling": ("watch", "why", "advise", "report", "show-user", "evaluate", "training-log"),
    "servers": ("worker", "page", "serve", "collect", "materialise", "assets"),
    "control": (
        "link",
        "revoke",
        "switch",
        "calibrate",
        "experiment",
        "index",
        "portraits",
        "campaign",
        "copy",
        "model",
    ),
    "wire": ("check", "topics", "schema", "dead-letters", "broker"),
}
_TELL_THEMSELVES: Final = ("check", "worker")
"""Which variables no setting reads."""
_ROOM_OF: Final = {name: room for room, names in ROOMS.items() for name in names}


def module_of(name: str) -> str:
    """The module that has the command of this name."""
    return f"agents.commands.{_ROOM_OF[name]}.{name.replace('-', '_')}"


@click.group(
    cls=LazyGroup,
    module_of=module_of,
    lines=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Shiftcast: ad events in, fresh personal creatives out, and the loop measured."""
    if ctx.invoked_subcommand not in _TELL_THEMSELVES:
        from streams.settings_table import unknown_variables

        for name, repair in unknown_variables(os.environ).items():
            click.echo(f"warning: {name} is set, but no setting has this name: {repair}", err=True)


def main(args: Sequence[str] | None = None) -> None:
    """Entry point, of the arguments that were typed unless given: an operator's mistake ends in one readable
    line and exit code 1, never in a stack trace."""
    try:
        # Outside standalone mode click returns the code of a raised Exit instead of ending the process.
        result = cli.main(args, standalone_mode=False)
        sys.exit(result if isinstance(result, int) else 0)
    except click.Abort as error:
        if isinstance(error.__cause__, EOFError):  # nothing is asked of a terminal: a defect, not Ctrl-D
            raise error.__cause__ from None
        click.echo("stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        mistake = mistake_of(error)
        if mistake is None:
            raise
        click.echo(f"Error: {mistake}", err=True)
        _leave_unwritten(sys.stdout)
        sys.exit(1)


def _leave_unwritten(stream: TextIO) -> None:
    """What cannot be written is not tried again when Python ends, with a trace."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
