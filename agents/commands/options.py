"""Options that several commands share, and what the one for machines prints."""

from __future__ import annotations

from collections.abc import Callable
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


def json_option(prints: str = "Print one JSON object.") -> Callable[[Command], Command]:
    """`--json`, given as `as_json`; `prints` is what its help says."""
    return click.option("--json", "as_json", is_flag=True, help=prints)


def echo_json(value: Any) -> None:
    """One line of JSON; dataclasses and numpy's numbers as they are, what is not finite as null."""
    click.echo(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY))
