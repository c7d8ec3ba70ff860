"""`shiftcast schema`: the JSON Schemas of all messages and the AsyncAPI document, printed, written or
checked."""

from __future__ import annotations

import os
from pathlib import Path

import click
import orjson

from agents.commands.option_types import FolderToWrite
from agents.commands.options import echo_json, json_option
from streams.settings import Settings
from streams.wire.schema import asyncapi, files, schemas, stale


@click.command()
@click.option(
    "--out",
    "folder",
    type=FolderToWrite(),
    help="Write the files below this folder.",
)
@click.option(
    "--check", is_flag=True, help="Write nothing; fail when the files below --out are not what the code says."
)
@json_option("Print schemas and AsyncAPI document as one JSON object.")
def command(folder: Path | None, check: bool, as_json: bool) -> None:
    """Print or write the JSON Schema of every message and the AsyncAPI 3.0 document."""
    settings = Settings.from_environ(os.environ)
    if check:
        _check(folder, settings)
    elif folder is not None:
        for path, data in files(settings).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        click.echo(f"{len(files(settings))} files written below {folder}")
    elif as_json:
        echo_json({"schemas": schemas(), "asyncapi": asyncapi(settings)})
    else:
        click.echo(orjson.dumps(asyncapi(settings), option=orjson.OPT_INDENT_2))


def _check(folder: Path | None, settings: Settings) -> None:
    if folder is None:
        raise click.UsageError("--check needs --out FOLDER")
    wrong = stale(folder, settings)
    if wrong:
        raise click.ClickException(
            f"not as the code says: {', '.join(wrong)}; write them with `shiftcast schema --out {folder}`"
        )
    click.echo(f"{len(files(settings))} files are as the code says")
