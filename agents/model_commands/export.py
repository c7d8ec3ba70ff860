"""`shiftcast model export`: a Hugging Face causal language model becomes a model folder, checked against the
original."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from agents.commands.option_types import Count, FolderToWrite, Measure
from agents.commands.options import echo_json, json_option
from agents.model_commands.export_image import export_image
from models.brief.brief import language_of

PRECISIONS = ("w8", "w4", "fp32", "fp16", "bf16")


def _named(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    """BRAND=FOLDER pairs, brands as the copywriter looks for their adapters."""
    from models.copywriter.generate import adapter_name

    folders: dict[str, Path] = {}
    for value in values:
        brand, _, folder = value.partition("=")
        name = adapter_name(brand)
        if not name or not folder:
            raise click.BadParameter(f"{value} is not BRAND=FOLDER", context, parameter)
        if name in folders:
            raise click.BadParameter(f"{name} is given twice", context, parameter)
        folders[name] = Path(folder)
    return folders


def _languages(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Languages without their regions: "de" of "de-AT"."""
    wrong = [value for value in values if not re.fullmatch("[a-z]{2,3}", language_of(value))]
    if wrong:
        raise click.BadParameter(
            f"{wrong[0]} is no code of a language, such as en, de or zh", context, parameter
        )
    return tuple(dict.fromkeys(map(language_of, values)))


@click.command()
@click.argument("source", metavar="FOLDER_OR_HUB_ID")
@click.option(
    "--kind",
    type=click.Choice(["copy", "image"]),
    default="copy",
    show_default=True,
    help="image: a text-to-image model of diffusers, for backgrounds of pictures.",
)
@click.option("--out", type=FolderToWrite(), help="Folder to write; default: NAME-VERSION here.")
@click.option("--name", help="Name in the registry; default: that of the source.")
@click.option("--version", default="1", show_default=True)
@click.option(
    "--precision",
    "precisions",
    type=click.Choice(PRECISIONS),
    multiple=True,
    help="w8, w4 or fp32 for the CPU, fp16 or bf16 for CUDA; one of each may be given; default: w8. Of an "
    "image fp32 or fp16; default: fp32.",
)
@click.option("--licence", help="Default: what the source's own card says.")
@click.option(
    "--locale",
    "locales",
    multiple=True,
    default=("en",),
    show_default=True,
    callback=_languages,
    help="Language that the model writes.",
)
@click.option(
    "--adapters",
    type=Count(0),
    default=0,
    show_default=True,
    help="Room for so many LoRA adapters in one batch.",
)
@click.option("--rank", type=Count(1), default=8, show_default=True, help="Largest rank of an adapter.")
@click.option(
    "--adapter",
    "adapter_folders",
    metavar="BRAND=FOLDER",
    multiple=True,
    callback=_named,
    help="An adapter that peft wrote.",
)
@click.option(
    "--longest",
    type=Count(64),
    default=4096,
    show_default=True,
    help="Tokens of prompt and copy together.",
)
@click.option("--threads", type=Count(1), default=1, show_default=True)
@click.option("--steps", type=click.IntRange(1, 1000), help="Of an image; default: as its kind is run.")
@click.option("--guidance", type=Measure(0), help="Of an image; default: as its kind is run.")
@json_option("Print the manifest as one JSON object.")
def command(
    source: str, out: Path | None, name: str | None, version: str, as_json: bool, **choices: Any
) -> None:
    """Turn a Hugging Face causal language model into a folder that `shiftcast model use` takes, or a
    text-to-image model of diffusers into one that renderers draw backgrounds with.

    The graphs are compared with transformers token by token; a model whose figures do not suffice is not
    written.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    named = name or re.sub(
        r"[^\w.-]+", "-", Path(source).resolve().name if Path(source).is_dir() else source.rpartition("/")[2]
    ).strip("-.")
    folder = out or Path(f"{named}-{version}")
    if choices["kind"] == "image":
        export_image(source, folder, named, version, as_json, choices)
        return
    manifest = _export(source, folder, named, version, choices)
    if as_json:
        echo_json({"folder": str(folder), **manifest})
        return
    for graph, found in manifest["parity"]["graphs"].items():
        if "not_checked" in found:
            click.echo(f"{graph:>24}  not checked: {found['not_checked']}")
        else:
            click.echo(
                f"{graph:>24}  relative error {found['max_relative_error']:.1e}, "
                f"{found['top1_agreement']:.2%} equal best tokens"
            )
    if manifest["fused_obstacle"]:
        click.echo(
            f"no fused graph ({manifest['fused_obstacle']}): the extend graph does both phases, correct and "
            "slower"
        )
    if manifest["licence"] == "unknown":
        click.echo("the source states no licence: give it with --licence")
    click.echo(f"{folder} is written; to write with it: shiftcast model use {folder}")


def _export(source: str, folder: Path, name: str, version: str, choices: dict[str, Any]) -> dict[str, Any]:
    """Runs the exporter; every refusal of its ends in one line."""
    try:
        import torch
        from transformers.utils import logging

        from models.export.config import UnsupportedModelError
        from models.export.folder import FolderError, check_free
        from models.export.hub import SourceError, find_checkpoint
        from models.export.order import OrderError, check_named, check_precisions
        from models.export.verify import ParityError
        from models.model_folder.adapters import Bank
        from models.training.publish import Publication, publish_checkpoint
    except ImportError as error:
        raise click.ClickException(
            f"{error.name} is missing: exporting needs `pip install 'shiftcast[train]'`"
        ) from error
    console = Console(stderr=True)
    torch.set_num_threads(choices["threads"])
    logging.disable_progress_bar()
    try:
        check_named(name, version)
        precisions = choices["precisions"] or ("w8",)
        check_precisions(precisions)
        check_free(folder)
        checkpoint, origin = find_checkpoint(source)
        room = max(choices["adapters"], len(choices["adapter_folders"]))
        with console.status("loading") as status:
            what = Publication(
                name,
                version,
                precisions,
                choices["locales"],
                parent=origin,
                licence=choices["licence"],
                bank=Bank(room, choices["rank"]) if room else None,
                adapters=choices["adapter_folders"],
                longest=choices["longest"],
                threads=choices["threads"],
            )
            return publish_checkpoint(checkpoint, folder, what, status.update)
    except (UnsupportedModelError, ParityError, FolderError, SourceError, OrderError) as error:
        raise click.ClickException(" ".join(str(error).split())) from error
