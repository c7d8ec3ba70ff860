"""`shiftcast model train-background`: a small model that paints backgrounds of ads, from nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from agents.commands.option_types import SEED, Count, FolderToWrite, Measure
from agents.commands.options import echo_json, json_option
from agents.model_commands.train import in_one_line, prepare_torch, progress


@click.command()
@click.option(
    "--out",
    type=FolderToWrite(),
    required=True,
    help="Folder to write, with its card and curves; a run that was killed goes on from there.",
)
@click.option("--steps", type=Count(1), default=8_000, show_default=True)
@click.option("--batch", type=Count(1), default=16, show_default=True, help="Scenes per step.")
@click.option("--learning-rate", type=Measure(0, above=True), default=1.5e-3, show_default=True)
@click.option(
    "--half", is_flag=True, help="Compute in bfloat16: three times as fast where the processor has AMX."
)
@click.option("--seed", type=SEED, default=1, show_default=True)
@click.option("--threads", type=Count(1), default=1, show_default=True)
@click.option("--name", default="shiftcast-background", show_default=True)
@click.option("--version", default="1", show_default=True)
@json_option("Nothing but one JSON line at the end.")
def command(out: Path, name: str, version: str, threads: int, as_json: bool, **options: Any) -> None:
    """Make a model folder that renderers paint backgrounds with behind ads of words alone.

    It learns from scenes that rules draw, in about 20 CPU minutes with --half; curves: tensorboard --logdir
    OUT.
    """
    prepare_torch(threads)
    from models.export.order import check_named
    from models.recipes.background import BackgroundRecipe, train_background
    from models.training.curves import Curves
    from models.training.tuned import check_out

    wish = BackgroundRecipe(**options)

    def work() -> dict[str, Any]:
        check_named(name, version)
        check_out(out)
        curves = Curves(out)
        try:
            with progress(as_json) as bar:
                task = bar.add_task("background", total=wish.steps, loss=float("nan"))

                def on_step(step: int, loss: float) -> None:
                    bar.update(task, completed=step, loss=loss)
                    curves.add("loss", step, loss)

                def on_held_out(step: int, loss: float) -> None:
                    curves.add("held_out_loss", step, loss)

                made = train_background(out, name, version, wish, on_step, on_held_out)
        finally:
            curves.close()
        return {"folder": str(out), **msgspec.to_builtins(made)}

    echo_json(in_one_line(work))
    if not as_json:
        click.echo(f"{out} is written; to paint with it: SHIFTCAST_IMAGE_MODEL_DIR={out}", err=True)
