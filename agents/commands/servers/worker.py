"""`shiftcast worker`: starts a Faust worker by the name of its group."""

from __future__ import annotations

import os
import sys

import click

from agents.worker_modules import WORKER_MODULES


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", type=click.Choice(list(WORKER_MODULES)), metavar="NAME")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[-l info ...]")
def command(name: str, options: tuple[str, ...]) -> None:
    """Start a worker: profiles, generator, catalog, clicks, feedback or renderer. What follows NAME is for
    Faust, as behind `faust -A agents.<module> worker`."""
    # In the place of this process: signals and exit code are the worker's own
    faust = [sys.executable, "-m", "faust", "-A", WORKER_MODULES[name], "worker", *options]
    os.execv(sys.executable, faust)  # noqa: S606 - nothing of it is a shell's
