"""`shiftcast model refresh`: the current copywriter tuned on new behaviour, and announced only when it is not
worse."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

import click

from agents.commands.option_types import SEED, Count, Measure
from agents.commands.options import echo_json, json_option
from agents.copywriters.announcing import announce_current, registry_of
from agents.copywriters.announcing import current as current_release
from agents.exposure_log.training_rows import read_training_rows
from agents.model_commands.train import in_one_line, prepare_torch, progress
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.unix_time import unix_ms


@click.command()
@click.option(
    "--log",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `shiftcast training-log` wrote; without it the topic is read.",
)
@click.option(
    "--every",
    "every_h",
    type=Measure(0.1),
    metavar="HOURS",
    help="Again so often, from the topic, until stopped; a round that fails is said and waited out.",
)
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    help="What to tune: a Hugging Face folder; default: the current model itself.",
)
@click.option("--version", help="Of the new model; default: the next number after the current one.")
@click.option("--steps", type=Count(1), default=60, show_default=True, help="Of preference training.")
@click.option(
    "--rules",
    type=Count(0),
    default=60,
    show_default=True,
    help="Steps on rule rewards afterwards; 0 = none.",
)
@click.option("--batch", type=Count(1), default=24, show_default=True, help="Pairs per step.")
@click.option("--learning-rate", type=Measure(0, above=True), default=5e-4, show_default=True)
@click.option(
    "--briefs",
    type=Count(1),
    default=100,
    show_default=True,
    help="Held-out briefs both models are measured on.",
)
@click.option("--variants", type=Count(2), default=5, show_default=True, help="Requests per brief.")
@click.option("--seed", type=SEED, default=1, show_default=True)
@click.option("--threads", type=Count(1), default=1, show_default=True)
@click.option("--offline", is_flag=True, help="Only move the pointer: workers read it when they start.")
@json_option("Nothing but one JSON line at the end.")
def command(
    log: Path | None, every_h: float | None, offline: bool, as_json: bool, threads: int, **options: Any
) -> None:
    """Tune the current copywriter on a training log and measure it beside the old one on the same held-out
    briefs.

    Only a model that is not worse in any figure becomes current and is announced; else the reasons are
    printed and the exit status is 1.
    """
    if every_h is not None and (log is not None or options["version"] is not None):
        raise click.UsageError(
            "--every reads the topic and counts versions up: leave --log and --version out"
        )
    settings = Settings.from_environ(os.environ)
    prepare_torch(threads)
    if every_h is None:
        if _round(settings, log, offline, as_json, options):
            raise click.exceptions.Exit(1)
        return
    while True:
        try:
            _round(settings, None, offline, as_json, options)
        except (click.ClickException, RefusedError) as error:
            click.echo(f"no new model this time: {error}", err=True)
        time.sleep(every_h * 3_600)


def _round(
    settings: Settings, log: Path | None, offline: bool, as_json: bool, options: dict[str, Any]
) -> list[str]:
    """One refresh. Returns in what the new model is worse."""
    registry = registry_of(settings)
    current = current_release(registry)
    name = "shiftcast-copywriter" if current.name == "builtin" else current.name
    version = options["version"] or _after(current.version)
    work = settings.registry_dir / f".refresh-{name}-{version}"
    shutil.rmtree(work, ignore_errors=True)
    try:
        log = log or _log_of_topic(settings, work)
        result = _run(log, name, version, work, registry.folder(current), as_json, options)
        result |= {"name": name, "version": version, "announced": False}
        if not result["worse"]:
            release = registry.add(work / "model")
            now_ms = unix_ms()
            asyncio.run(
                announce_current(settings, lambda: registry.use(release.reference, now_ms), now_ms, offline)
            )
            result["announced"] = not offline
    finally:
        shutil.rmtree(work, ignore_errors=True)
    echo_json(result)
    if not as_json:
        why = "; ".join(result["worse"])
        told = (
            f"{name}/{version} stays unpublished, worse than {current.reference}: {why}"
            if why
            else f"{name}/{version} is current"
        )
        click.echo(told, err=True)
    return list(result["worse"])


def _log_of_topic(settings: Settings, work: Path) -> Path:
    work.mkdir(parents=True, exist_ok=True)
    path = work / "training.jsonl"
    asyncio.run(read_training_rows(settings)).write(path)
    return path


def _run(
    log: Path, name: str, version: str, work: Path, current: Path, quiet: bool, options: dict[str, Any]
) -> dict[str, Any]:
    """The refresh under a progress bar; refusals end in one line."""
    with progress(quiet) as bar:
        task = bar.add_task("dpo", total=options["steps"] + options["rules"], loss=float("nan"))

        def report(step: int, loss: float) -> None:
            bar.update(task, completed=step, loss=loss)

        return in_one_line(
            lambda: _refreshed(
                current,
                log,
                name,
                version,
                work,
                options,
                report,
                lambda what: bar.update(task, description=what),
            )
        )


def _refreshed(
    current: Path,
    log: Path,
    name: str,
    version: str,
    work: Path,
    options: dict[str, Any],
    report: Any,
    say: Any,
) -> dict[str, Any]:
    """Runs the refresh; everything heavy is imported here."""
    from models.evaluation.briefs import own_briefs
    from models.preference.log import read_log
    from models.recipes.refreshing import Refresh, refresh
    from models.training.loop import TrainingPlan

    plan = TrainingPlan(options["steps"], options["learning_rate"], options["seed"])
    what = Refresh(
        options["checkpoint"] or current,
        current,
        log,
        name,
        version,
        plan,
        options["batch"],
        options["rules"],
    )
    with log.open("rb") as lines:
        rows = read_log(lines, str(log))
    briefs = own_briefs()
    count = min(options["briefs"], len(briefs))
    chosen = [briefs[index * len(briefs) // count] for index in range(count)]
    return refresh(what, rows, chosen, options["variants"], work, report, say)


def _after(version: str) -> str:
    """The version after `version`: its last number counted up, or ".1" appended."""
    found = re.search(r"(\d+)(\D*)$", version)
    return f"{version[: found.start()]}{int(found.group(1)) + 1}{found.group(2)}" if found else f"{version}.1"
