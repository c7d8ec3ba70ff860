"""`shiftcast model export --kind image`: a text-to-image model of diffusers becomes a folder that renderers
run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from agents.commands.options import echo_json

PRECISIONS = ("fp32", "fp16")


def export_image(source: str, folder: Path, name: str, version: str, as_json: bool, given: Any) -> None:
    """Writes the folder; every refusal ends in one line."""
    try:
        import diffusers
        import torch

        from models.export.config import UnsupportedModelError
        from models.export.folder import FolderError, check_free
        from models.export.order import OrderError, check_named
        from models.image_export.exporting import ImageOrder, ImageParityError, export_pipeline
    except ImportError as error:
        raise click.ClickException(
            f"{error.name} is missing: exporting needs `pip install 'shiftcast[train,diffusers]'`"
        ) from error
    if not (Path(source) / "model_index.json").is_file():
        raise click.ClickException(
            f"{source}: no folder of a diffusers pipeline (model_index.json); where there is a network: "
            f"`hf download {source} --local-dir FOLDER`, then name that folder"
        )
    precision = _precision(given["precisions"])
    torch.set_num_threads(given["threads"])
    try:
        check_named(name, version)
        check_free(folder)
        with Console(stderr=True).status("loading") as status:
            pipeline = diffusers.DiffusionPipeline.from_pretrained(
                source, local_files_only=True, torch_dtype=torch.float32
            )
            wanted = ImageOrder(
                name,
                version,
                source,
                given["licence"] or "unknown",
                precision,
                given["steps"],
                given["guidance"],
                given["threads"],
            )
            manifest = export_pipeline(pipeline, folder, wanted, status.update)
    except (UnsupportedModelError, ImageParityError, FolderError, OrderError, OSError, ValueError) as error:
        raise click.ClickException(" ".join(str(error).split())) from error
    if as_json:
        echo_json({"folder": str(folder), "parity": manifest.parity, "precision": manifest.precision})
        return
    click.echo(
        f"{int(manifest.parity['steps'])} steps as diffusers takes them: latents differ by at most "
        f"{manifest.parity['most_apart']:.1e} of their deviation, the picture by "
        f"{manifest.parity['levels_apart']:.1g} of 255 levels"
    )
    if manifest.licence == "unknown":
        click.echo("the source states no licence: give it with --licence")
    click.echo(f"{folder} is written; to draw with it: SHIFTCAST_IMAGE_MODEL_DIR={folder}")


def _precision(asked: tuple[str, ...]) -> str:
    """The one that was asked for, fp32 where none was. Raises ClickException."""
    if len(asked) > 1 or not set(asked) <= set(PRECISIONS):
        raise click.ClickException(
            f"an image model in {', '.join(asked)}: type one --precision of {', '.join(PRECISIONS)}"
        )
    return asked[0] if asked else PRECISIONS[0]
