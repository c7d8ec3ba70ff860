"""`shiftcast dead-letters list|replay`: what was refused and why, and sending it again once the cause is
gone."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from datetime import UTC, datetime

import click
from rich.table import Table

from agents.commands.groups import GuessingGroup
from agents.commands.option_types import Count
from agents.commands.options import echo_json, json_option
from agents.commands.tables import print_table
from streams.broker.send_again import chosen, dead_letters, send_again
from streams.settings import Settings
from streams.wire.dead_letters import DeadLetter

reason_option = click.option("--reason", help="Only those with this reason code, such as wrong_partition.")


@click.group(cls=GuessingGroup)
def command() -> None:
    """List what was refused, and send it again."""


@command.command("list")
@click.option("--limit", default=20, show_default=True, type=Count(0), help="The newest so many.")
@reason_option
@json_option()
def list_letters(limit: int, reason: str | None, as_json: bool) -> None:
    """Show dead letters: reason, where they came from, when, and how large; keys are hashed."""
    letters, replayed = asyncio.run(dead_letters(Settings.from_environ(os.environ)))
    asked = [each for each in letters if reason in (None, each.reason)]
    shown = asked[-limit:] if limit else []
    reasons = dict(Counter(each.reason for each in asked).most_common())
    if as_json:
        rows = [letter_row(each, each.id in replayed) for each in shown]
        echo_json({"dead_letters": len(asked), "reasons": reasons, "shown": rows})
        return
    if not asked:
        click.echo("no dead letters")
        return
    table = Table("id", "reason", "stage", "when (UTC)", "bytes", "key (hashed)", "message", "sent again")
    for each in shown:
        again = "yes" if each.id in replayed else ""
        table.add_row(
            each.id, each.reason, each.stage, _when(each), str(each.size), each.key_hash, each.message, again
        )
    print_table(table)
    click.echo(
        f"{len(asked)} dead letters, {len(shown)} shown: "
        + ", ".join(f"{name} {n}" for name, n in reasons.items())
    )


@command.command()
@reason_option
@click.option("--id", "letter_id", help="Only this one: topic/partition/offset.")
@click.option("--again", is_flag=True, help="Also those that were sent again before.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, send nothing.")
@json_option()
def replay(reason: str | None, letter_id: str | None, again: bool, dry_run: bool, as_json: bool) -> None:
    """Send the original bytes to their topic again: same key, headers and event id, in the user's own
    partition."""
    settings = Settings.from_environ(os.environ)
    letters, replayed = asyncio.run(dead_letters(settings))
    send, left_out = chosen(letters, replayed, reason=reason, letter_id=letter_id, again=again)
    if letter_id and not send and not left_out:
        raise click.ClickException(f"no dead letter {letter_id}: `shiftcast dead-letters list` shows them")
    sent = 0 if dry_run else asyncio.run(send_again(settings, send))
    if as_json:
        echo_json(
            {
                "sent": sent,
                "would_send": len(send),
                "left_out": left_out,
                "ids": [each.id for each in send],
            }
        )
        return
    click.echo(f"would send {len(send)} records again" if dry_run else f"sent {sent} records again")
    for why, n in left_out.items():
        click.echo(f"left out {n}: {why}")


def letter_row(letter: DeadLetter, replayed: bool) -> dict[str, object]:
    """One dead letter as a machine reads it: no payload, the key hashed."""
    return {
        "id": letter.id,
        "reason": letter.reason,
        "stage": letter.stage,
        "app": letter.app_id,
        "message": letter.message,
        "when_ms": letter.when_ms,
        "bytes": letter.size,
        "key_hash": letter.key_hash,
        "replayed": replayed,
        "replayable": letter.whole,
    }


def _when(letter: DeadLetter) -> str:
    return datetime.fromtimestamp(letter.when_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
