"""`shiftcast experiment start|show|stop`: split a campaign's users over treatments, look at what they do as
often as you like, end it."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.table import Table

from agents.commands.groups import GuessingGroup
from agents.commands.option_types import Count, Measure
from agents.commands.options import by_option, echo_json, exposures_option, json_option
from agents.commands.tables import print_table
from agents.copywriters.announcing import end_for_arms, found, let_write_for_arms, registry_of
from agents.exposure_log.experiments import (
    KnownExperiments,
    arm_of_text,
    copywriters_of,
    known_experiments,
    publish_experiment,
    with_thresholds,
)
from agents.exposure_log.trials import read_trials, result_of
from models.campaigns import PLANNED_USERS
from models.trial.sample_ratio import MISMATCH_P
from streams import records as r
from streams.mapping.experiments import FINISHED, RUNNING
from streams.settings import Settings
from streams.unix_time import unix_ms

_DAY_MS: Final = 86_400_000


@click.group(cls=GuessingGroup)
def command() -> None:
    """Split the users of a campaign over treatments and compare what they do."""


@command.command("start")
@click.argument("campaign")
@click.option("--id", "name", required=True, help="Names the experiment for good.")
@click.option(
    "--arm",
    "arms",
    multiple=True,
    required=True,
    metavar="NAME=SHARE[:TREATMENT,...]",
    help="The first is the control. Treatments: holdout, styles=A+B, templates=A+B, policy=uniform, "
    "copywriter=NAME/VERSION, detector=FALSE_TRIGGERS_PER_1000.",
)
@click.option(
    "--days",
    type=Measure(0.001),
    default=14.0,
    show_default=True,
    help="It ends then; at most as long as exposures are kept.",
)
@click.option(
    "--users",
    type=Count(60),
    default=PLANNED_USERS,
    show_default=True,
    help="In all arms together: where the intervals are to be narrowest.",
)
@click.option("--salt", help="Splits the users; default: the id.")
@by_option
@json_option()
def start(
    campaign: str, name: str, arms: Sequence[str], days: float, users: int, salt: str | None, by: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Start an experiment on CAMPAIGN. From then on its arms stay what they are until it ends."""
    now_ms = unix_ms()
    drawn = [arm_of_text(text) for text in arms]
    experiment = r.Experiment(name, salt or name, drawn, now_ms, now_ms + int(days * _DAY_MS), users)
    record = asyncio.run(_start(campaign, experiment, by or getpass.getuser(), now_ms))
    if as_json:
        echo_json(msgspec.to_builtins(record))
    else:
        shares = ", ".join(f"{arm.id} {arm.share:.0%}" for arm in drawn)
        click.echo(f"experiment {name} runs on {campaign}: {shares}; look: shiftcast experiment show {name}")
        for each in drawn:
            if each.treatment.templates or each.treatment.styles:
                click.echo(
                    f"arm {each.id}: users without a creative of their own are shown what everyone sees, and "
                    "count: it measures what offering the arm does; the look says how often that was"
                )


async def _start(campaign: str, experiment: r.Experiment, by: str, now_ms: int) -> r.ExperimentRecord:
    settings = Settings.from_environ(os.environ)
    known = await known_experiments(settings)
    arms = await with_thresholds(settings, experiment.arms)
    record = known.begin(campaign, msgspec.structs.replace(experiment, arms=arms), by)
    if wanted := copywriters_of(record):
        registry = registry_of(settings)
        await let_write_for_arms(settings, [found(registry, each) for each in sorted(wanted)], now_ms)
    await publish_experiment(settings, record, now_ms)
    return record


@command.command("show")
@click.argument("name", required=False)
@exposures_option
@click.option(
    "--record",
    is_flag=True,
    help="Keep what is shown on ads.experiment.v1, where the page reads it; without NAME of every experiment "
    "that runs, as a schedule does; one whose last clicks are in is finished then.",
)
@json_option()
def show(name: str | None, files: Sequence[Path], record: bool, as_json: bool) -> None:
    """What experiment NAME shows so far; without NAME, which experiments there are.

    The intervals hold however often one looks. Exposures are counted once their click window has closed.
    """
    settings = Settings.from_environ(os.environ)
    known = asyncio.run(known_experiments(settings))
    if name is None and not record:
        _list(known, as_json)
        return
    running = [each for each in known.records.values() if each.status == RUNNING]
    began = running if name is None else [known.named(name)]
    looked = asyncio.run(_look(settings, began, files, record)) if began else []
    if name is not None:
        _print(looked[0], as_json)
    elif as_json:
        echo_json([msgspec.to_builtins(each) for each in looked])
    else:
        click.echo(f"{len(looked)} running experiments looked at: {', '.join(_named(looked))}".rstrip(": "))


async def _look(
    settings: Settings, began: Sequence[r.ExperimentRecord], files: Sequence[Path], record: bool
) -> list[r.ExperimentRecord]:
    now_ms = unix_ms()
    found = await read_trials(settings, began, files)
    looked = [
        msgspec.structs.replace(each, result=result_of(trial, now_ms))
        for each, trial in zip(began, found, strict=True)
    ]
    if record:
        known = await known_experiments(settings)  # it may have been stopped while its exposures were read
        settled_ms = now_ms - int((settings.attribution_click_s + settings.settle_late_s) * 1_000)
        recorded = known.to_record(looked, settled_ms)
        for each in recorded:
            await publish_experiment(settings, each, now_ms)
        over = {each.experiment_id for each in recorded if each.status == FINISHED}
        await end_for_arms(settings, sorted(known.copywriters_left(over, now_ms)), now_ms)
    return looked


def _named(records: Sequence[r.ExperimentRecord]) -> list[str]:
    return sorted(each.experiment_id for each in records)


@command.command("stop")
@click.argument("name")
@exposures_option
@by_option
@json_option()
def stop(name: str, files: Sequence[Path], by: str | None, as_json: bool) -> None:
    """End experiment NAME now and record what it showed.

    What its users were shown before still counts when its click window closes: stop it again then, and the
    record has that too.
    """
    settings = Settings.from_environ(os.environ)
    _print(asyncio.run(_stop(settings, name, files, by or getpass.getuser())), as_json)


async def _stop(settings: Settings, name: str, files: Sequence[Path], by: str) -> r.ExperimentRecord:
    known = await known_experiments(settings)
    now_ms = unix_ms()
    [found] = await read_trials(settings, [known.named(name)], files)
    result = result_of(found, now_ms)
    record = known.end(name, result, by, now_ms)
    await publish_experiment(settings, record, now_ms)
    await end_for_arms(settings, sorted(known.copywriters_left({name}, now_ms)), now_ms)
    return record


def _list(known: KnownExperiments, as_json: bool) -> None:
    records = sorted(known.records.values(), key=lambda each: each.experiment.start)
    if as_json:
        echo_json([msgspec.to_builtins(each) for each in records])
        return
    for each in records:
        arms = ", ".join(f"{arm.id} {arm.share:.0%}" for arm in each.experiment.arms)
        click.echo(f"{each.experiment_id}  {each.status}  on {each.campaign_id}: {arms}")
    if not records:
        click.echo(
            "none yet: shiftcast experiment start CAMPAIGN --id NAME --arm usual=0.5 --arm none=0.5:holdout"
        )


def _print(record: r.ExperimentRecord, as_json: bool) -> None:
    result = record.result
    assert result is not None
    if as_json:
        echo_json(msgspec.to_builtins(record))
        return
    print_table(_arms_table(record, result))
    if result.effects:
        print_table(_effects_table(record, result))
    if result.sample_ratio_p < MISMATCH_P:
        click.echo(
            f"the arms are out of proportion (p = {result.sample_ratio_p:.1e}): do not believe the figures; "
            "find out which exposures are missing"
        )
    if result.mixed:
        click.echo(f"{result.mixed} users were seen in two arms and count in none")
    if record.status == RUNNING:
        click.echo(f"it runs; shiftcast experiment stop {record.experiment_id} ends and records it")


def _arms_table(record: r.ExperimentRecord, result: r.ExperimentResult) -> Table:
    title = f"experiment {record.experiment_id} on {record.campaign_id}, {record.status}"
    table = Table(title=title, title_justify="left")
    for column in (
        "arm",
        "users",
        "impressions",
        "of others",
        "clicks",
        "CTR",
        "CVR",
        f"minor {result.currency or ''}/user",
    ):
        table.add_column(column, justify="left" if column == "arm" else "right")
    for each in result.arms:
        counts = (f"{count:,}" for count in (each.users, each.impressions, each.outside, each.clicks))
        rates = (_share(each.ctr), _share(each.cvr), _number(each.revenue_per_user))
        table.add_row(each.arm, *counts, *rates)
    return table


def _effects_table(record: r.ExperimentRecord, result: r.ExperimentResult) -> Table:
    control = record.experiment.arms[0].id
    table = Table(title=f"beside {control}; the intervals hold at every look", title_justify="left")
    for column in ("arm", "metric", "difference", "interval", "lift", "interval of the lift", "p"):
        table.add_column(column, justify="left" if column in ("arm", "metric") else "right")
    for each in result.effects:
        table.add_row(
            each.arm, each.metric, _number(each.difference), f"{_number(each.lo)} to {_number(each.hi)}",
            _share(each.lift), f"{_share(each.lift_lo)} to {_share(each.lift_hi)}", _number(each.p),
        )  # fmt: skip
    return table


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
