"""`shiftcast model train`: the built-in copywriter from nothing, or any causal language model tuned on copy
or on a training log."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agents.commands.option_types import SEED, Count, FolderToWrite, Measure
from agents.commands.options import echo_json, json_option

METHODS: Final = ("sft", "dpo", "rloo", "grpo")


@dataclass(frozen=True, slots=True)
class TrainingWish:
    """The options as they were given."""

    source: Path | None
    out: Path
    method: str
    data: Path | None
    log: Path | None
    examples: int
    locales: tuple[str, ...]
    steps: int
    rules: int
    batch: int
    learning_rate: float
    weight_decay: float
    hold_out: float
    patience: int
    rank: int
    frozen: int
    augment: int
    balance: float
    seed: int
    name: str
    version: str


@click.command()
@click.option(
    "--builtin",
    is_flag=True,
    help="Make the built-in copywriter: own data, own tokenizer, from nothing; OUT is a model folder.",
)
@click.option(
    "--model",
    "source",
    type=click.Path(path_type=Path),
    help="Hugging Face folder, or a folder of the built-in kind, to tune.",
)
@click.option(
    "--out",
    type=FolderToWrite(),
    required=True,
    help="Folder to write; a run that was killed goes on from there.",
)
@click.option(
    "--method", type=click.Choice(METHODS), help="Default: sft with --data or --examples, dpo with --log."
)
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='JSON lines {"brief": {...}, "copy": {...}}.',
)
@click.option(
    "--log",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Training log, as `shiftcast training-log` writes it.",
)
@click.option(
    "--examples",
    type=Count(0),
    default=0,
    help="Examples of the project's own corpus (built-in: 110000).",
)
@click.option(
    "--locale",
    "locales",
    multiple=True,
    type=click.Choice(("en", "de", "zh")),
    help="Languages of the own corpus; default all.",
)
@click.option("--steps", type=Count(1), help="Default: 3600 built-in, 60 dpo, 300 otherwise.")
@click.option(
    "--rules",
    type=Count(0),
    default=60,
    show_default=True,
    help="Steps on rule rewards after dpo; 0 = none.",
)
@click.option(
    "--batch",
    type=Count(1),
    default=32,
    show_default=True,
    help="Examples, pairs or samples per step.",
)
@click.option(
    "--learning-rate",
    type=Measure(0, above=True),
    help="Default: 5e-4 sft and dpo, 5e-5 rloo and grpo.",
)
@click.option("--weight-decay", type=Measure(0), default=0.01, show_default=True)
@click.option(
    "--hold-out",
    type=Measure(0, 0.5, above=True),
    default=0.05,
    show_default=True,
    help="Share never trained on.",
)
@click.option(
    "--patience",
    type=Count(0),
    default=3,
    show_default=True,
    help="Evaluations without gain; 0 = all steps.",
)
@click.option(
    "--rank", type=Count(0), default=0, show_default=True, help="LoRA of this rank; 0 = all weights."
)
@click.option("--frozen", type=Count(0), default=0, show_default=True, help="Lowest layers left as they are.")
@click.option(
    "--augment", type=Count(0), default=0, show_default=True, help="More examples made of each one."
)
@click.option(
    "--balance",
    type=Measure(0, 1),
    default=1.0,
    show_default=True,
    help="1 = all categories and tones alike.",
)
@click.option("--seed", type=SEED, default=1, show_default=True)
@click.option("--threads", type=Count(1), default=1, show_default=True)
@click.option(
    "--name", default="shiftcast-copywriter", show_default=True, help="Name of the built-in model folder."
)
@click.option("--version", default="3", show_default=True, help="Version of the built-in model folder.")
@json_option("Nothing but one JSON line at the end.")
def command(
    builtin: bool, as_json: bool, threads: int, steps: int | None, method: str | None, **options: Any
) -> None:
    """Make a copywriter. With --builtin from nothing; else --model is tuned: on copy (sft), on clicks (dpo),
    on rules (rloo, grpo)."""
    chosen = method or ("dpo" if options["log"] else "sft")
    rate = options.pop("learning_rate") or {"sft": 5e-4, "dpo": 5e-4}.get(chosen, 5e-5)
    wish = TrainingWish(
        method=chosen,
        steps=steps or (3600 if builtin else 60 if chosen == "dpo" else 300),
        learning_rate=rate,
        **options,
    )
    _check(wish, builtin)
    prepare_torch(threads)
    with progress(as_json) as bar:
        total = wish.steps + (wish.rules if wish.method == "dpo" else 0)
        task = bar.add_task("built-in" if builtin else wish.method, total=total, loss=float("nan"))
        report = _report(bar, task)
        result = in_one_line(lambda: _builtin(wish, report) if builtin else _tune(wish, report))
    echo_json(result)
    if not as_json:
        following = f"shiftcast model use {wish.out}" if builtin else f"shiftcast model export {wish.out}"
        click.echo(f"{wish.out} is written; next: {following}", err=True)


def _check(wish: TrainingWish, builtin: bool) -> None:
    if builtin and wish.source:
        raise click.UsageError(
            "--builtin starts from nothing: leave --model out, or tune it without --builtin"
        )
    if not builtin and not wish.source:
        raise click.UsageError(
            "name what to tune with --model FOLDER, or make the built-in copywriter with --builtin"
        )
    if not builtin and wish.method == "dpo" and not wish.log:
        raise click.UsageError("dpo learns from clicks: give --log FILE (`shiftcast training-log` writes it)")
    if not builtin and wish.method != "dpo" and not (wish.data or wish.log or wish.examples):
        raise click.UsageError("give --data FILE, or --examples N for the project's own corpus")


def prepare_torch(threads: int) -> None:
    """Threads and quiet libraries. Raises ClickException when the training extra is not installed."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        import torch
        from transformers.utils import logging
    except ImportError as error:
        raise click.ClickException(
            f"{error.name} is missing: training needs `pip install 'shiftcast[train]'`"
        ) from error
    torch.set_num_threads(threads)
    logging.disable_progress_bar()


def progress(quiet: bool) -> Progress:
    """A bar of steps with the loss, on standard error."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.4f}"),
    )
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), disable=quiet)


def _report(bar: Progress, task: Any) -> Callable[[int, float], None]:
    return lambda step, loss: bar.update(task, completed=step, loss=loss)


def in_one_line(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `work` returns; every refusal of the training ends in one line."""
    from models.export.config import UnsupportedModelError
    from models.export.folder import FolderError
    from models.export.order import OrderError
    from models.export.verify import ParityError
    from models.model_folder.graph_file import ModelFileError
    from models.preference.log import LogError
    from models.training.loop import ResumeError
    from models.training.supervised import DataError
    from models.training.tuned import CheckpointError

    refusals = (
        CheckpointError, DataError, FolderError, LogError, ModelFileError, OrderError, ParityError,
        ResumeError, UnsupportedModelError
    )  # fmt: skip
    try:
        return work()
    except refusals as error:
        raise click.ClickException(" ".join(str(error).split())) from error


def _builtin(wish: TrainingWish, report: Callable[[int, float], None]) -> dict[str, Any]:
    """The checkpoint in OUT.checkpoint, then the model folder OUT, measured."""
    from models.copywriter.generate import Copywriter
    from models.corpus.languages import LANGUAGES
    from models.evaluation.briefs import own_briefs
    from models.evaluation.quality import quality
    from models.export.folder import check_free
    from models.export.order import check_named
    from models.recipes.builtin import TrainingRecipe, train_from_scratch
    from models.training.publish import Publication, publish_checkpoint, with_quality

    check_named(wish.name, wish.version)
    check_free(wish.out)
    recipe = TrainingRecipe(
        wish.seed, wish.examples or 110_000, wish.steps, batch=wish.batch, languages=wish.locales or LANGUAGES
    )
    checkpoint = wish.out.with_name(wish.out.name + ".checkpoint")
    figures = train_from_scratch(recipe, checkpoint, report=report)
    publish_checkpoint(checkpoint, wish.out, Publication(wish.name, wish.version))
    manifest = with_quality(wish.out, quality(Copywriter.load(wish.out), own_briefs(recipe.languages)))
    made = {"folder": str(wish.out), "checkpoint": str(checkpoint), **figures}
    return made | {"parity": manifest["parity"]["graphs"], "quality": manifest["quality"]}


def _tune(wish: TrainingWish, report: Callable[[int, float], None]) -> dict[str, Any]:
    """The tuned checkpoint in OUT."""
    from models.recipes.tuning import Material, tune
    from models.training.loop import TrainingPlan
    from models.training.tuned import Tuning

    plan = TrainingPlan(
        wish.steps, wish.learning_rate, wish.seed, wish.weight_decay, evaluate_every=max(1, wish.steps // 12),
        patience=wish.patience,
        checkpoint_every=max(1, min(100, wish.steps // 4)),
    )  # fmt: skip
    material = Material(
        wish.data, wish.log, wish.examples, wish.locales, wish.hold_out, wish.augment, wish.balance
    )
    assert wish.source is not None
    return tune(
        wish.source,
        wish.out,
        wish.method,
        material,
        Tuning(wish.rank, frozen=wish.frozen),
        plan,
        wish.batch,
        report,
        wish.rules,
    )
