"""`shiftcast training-log`: what was shown, with what came of it, for `shiftcast model train --log`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import click

from agents.commands.option_types import FileToWrite
from agents.commands.options import echo_json, exposures_option, json_option
from agents.exposure_log.training_rows import read_training_rows
from streams.settings import Settings


@click.command()
@click.option("--out", type=FileToWrite(), required=True, metavar="FILE.jsonl")
@exposures_option
@json_option("Print one JSON object.")
def command(out: Path, files: Sequence[Path], as_json: bool) -> None:
    """Write the training log: one line per creative that was shown to a user who allows training, and took
    nothing back since."""
    found = asyncio.run(read_training_rows(Settings.from_environ(os.environ), files))
    found.write(out)
    if as_json:
        echo_json(found.counts() | {"out": str(out)})
        return
    click.echo("\n".join(f"{name:>16}  {value}" for name, value in found.counts().items()))
    click.echo(f"next: shiftcast model train --model FOLDER --log {out} --out tuned", err=True)
