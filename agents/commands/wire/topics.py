"""`shiftcast topics create|list`: the topics of the broker made and shown as the code declares them."""

from __future__ import annotations

import asyncio
import os

import click
from rich.table import Table

from agents.checks.difference import describe_difference
from agents.commands.groups import GuessingGroup
from agents.commands.options import echo_json, json_option
from agents.commands.tables import print_table
from streams.broker.admin import compare_topics, create, wanted_config, wanted_partitions, wanted_topics
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.settings_table import unknown_variables
from streams.topics import TopicSpec


@click.group(cls=GuessingGroup)
def command() -> None:
    """Create or list the topics."""


@command.command("create")
@click.option(
    "--repair",
    is_flag=True,
    help="Also set settings of existing topics right; partitions are added only under a prefix without rows.",
)
@json_option()
def create_topics(repair: bool, as_json: bool) -> None:
    """Create every missing topic with all its settings; say what differs at existing ones."""
    if unknown := unknown_variables(os.environ):
        said = "; ".join(f"{name}: {repair}" for name, repair in unknown.items())
        raise RefusedError(f"no topic is made while a variable is no setting, for what is made stays: {said}")
    settings = Settings.from_environ(os.environ)
    created, wrong = asyncio.run(create(settings, repair=repair))
    if as_json:
        echo_json({"broker": settings.broker, "created": created, "different": wrong})
    else:
        click.echo(
            f"{len(created)} topics created at {settings.broker}"
            if created
            else f"all topics exist at {settings.broker}"
        )
        for each in wrong:
            click.echo(describe_difference(each))
    if wrong:
        raise click.exceptions.Exit(1)


@command.command("list")
@json_option()
def list_topics(as_json: bool) -> None:
    """Show every topic, how it should be, and whether it is so on the broker."""
    settings = Settings.from_environ(os.environ)
    specs = wanted_topics(settings)
    wrong = asyncio.run(compare_topics(settings))
    if as_json:
        topics = [{**topic_row(spec, settings), "config": wanted_config(spec)} for spec in specs]
        echo_json({"broker": settings.broker, "topics": topics, "different": wrong})
        return
    table = Table(
        "topic",
        "key",
        "partitions",
        "policy",
        "retention",
        "state",
        title=f"Topics at {settings.broker}",
        title_justify="left",
    )
    for spec in specs:
        about = topic_row(spec, settings)
        different = sorted(
            {each.what if each.found != "missing" else "missing" for each in wrong if each.topic == spec.name}
        )
        table.add_row(
            spec.name,
            spec.key,
            str(about["partitions"]),
            spec.policy,
            _days(spec.retention_ms),
            ", ".join(different) or "as declared",
        )
    print_table(table)
    for each in wrong:
        click.echo(describe_difference(each))


def topic_row(spec: TopicSpec, settings: Settings) -> dict[str, object]:
    """One topic as a machine reads it."""
    return {
        "name": spec.name,
        "key": spec.key,
        "partitions": wanted_partitions(spec, settings),
        "replication": settings.replication,
        "policy": spec.policy,
        "retention_ms": spec.retention_ms,
        "internal": spec.internal,
    }


def _days(retention_ms: int | None) -> str:
    return f"{retention_ms / 86_400_000:g} d" if retention_ms else "for ever"
