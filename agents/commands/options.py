"""Options that several commands share, what the one for machines prints, and groups that load late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson

Command = TypeVar("Command", bound=Callable[..., Any])
by_option = click.option("--by", help="Who says so; without it the user of this machine.")
briefs_option = click.option(
    "--briefs",
    "briefs_file",
    type=click.Path(path_type=Path),
    metavar="FILE.jsonl",
    help="One brief per line as JSON.",
)
retail_data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder with products.yaml of retail-demo-store.",
)
exposures_option = click.option(
    "--log",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE.jsonl",
    help="Exposures, one JSON object per line; without it the topic.",
)


class LazySubcommands(click.Group):
    """A group whose sub-commands stand in a room of their own, one module each: imported when asked for."""

    def __init__(self, *args: Any, room: str, subcommands: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._room, self._subcommands = room, subcommands

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._subcommands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._subcommands:
            return None
        command: click.Command = import_module(f"{self._room}.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._subcommands.items()))


def json_option(prints: str = "Print one JSON object.") -> Callable[[Command], Command]:
    """`--json`, given as `as_json`; `prints` is what its help says."""
    return click.option("--json", "as_json", is_flag=True, help=prints)


def echo_json(value: Any) -> None:
    """One line of JSON; dataclasses and numpy's numbers as they are, what is not finite as null."""
    click.echo(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY))
