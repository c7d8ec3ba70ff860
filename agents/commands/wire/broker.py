"""`shiftcast broker start|stop|status`: a real Apache Kafka on this machine, without Docker."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from agents.commands.groups import GuessingGroup
from agents.commands.options import echo_json, json_option
from streams.local_broker.files import fetched_jars
from streams.local_broker.server import Broker, BrokerStatus

FOLDER: Final = Path(".shiftcast") / "broker"
folder_option = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=FOLDER,
    show_default=True,
    help="Where its data lives.",
)


@click.group(cls=GuessingGroup)
def command() -> None:
    """Start, stop or inspect a single-node Apache Kafka 4.3.1 on this machine."""


@command.command()
@click.option("--port", type=click.IntRange(1, 65_535), help="Listen here; without it a free port is taken.")
@folder_option
@json_option()
def start(port: int | None, folder: Path, as_json: bool) -> None:
    """Start the broker and wait until it answers."""
    _show(Broker(folder).start(port, say=lambda line: click.echo(line, err=True)), as_json)


@command.command()
def fetch() -> None:
    """Fetch what a broker runs from, once, without starting one."""
    fetched_jars(lambda line: click.echo(line, err=True))


@command.command()
@click.option("--wipe", is_flag=True, help="Delete its data as well.")
@folder_option
@json_option()
def stop(wipe: bool, folder: Path, as_json: bool) -> None:
    """Stop the broker and wait until it is gone."""
    broker = Broker(folder)
    was_running = broker.stop()
    if wipe:
        broker.wipe()
    if as_json:
        echo_json({"stopped": was_running, "wiped": wipe})
    else:
        click.echo("stopped" if was_running else "no broker was running")
        if wipe:
            click.echo("workers keep rows of their own in SHIFTCAST_DATA_DIR: rm -r .shiftcast/state")


@command.command()
@folder_option
@json_option()
def status(folder: Path, as_json: bool) -> None:
    """Say whether the broker runs, and where; exit code 3 when it does not."""
    found = Broker(folder).status()
    _show(found, as_json)
    if found.pid is None:
        raise click.exceptions.Exit(3)


def _show(status: BrokerStatus, as_json: bool) -> None:
    if as_json:
        echo_json(
            {
                "pid": status.pid,
                "address": status.address,
                "folder": str(status.folder),
                "kafka": status.version,
            }
        )
    elif status.pid:
        click.echo(
            f"Apache Kafka {status.version} answers at {status.address} (pid {status.pid}, data in "
            f"{status.folder})"
        )
    else:
        click.echo(f"no broker runs in {status.folder}; `shiftcast broker start` starts one")
