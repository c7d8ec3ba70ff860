"""Options that several commands share, and what the one for machines prints."""

from __future__ import annotations

from typing import Any

import click
import orjson

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
by_option = click.option("--by", help="Who says so; without it the user of this machine.")


def echo_json(value: Any) -> None:
    """One line of JSON; dataclasses and numpy's numbers as they are, what is not finite as null."""
    click.echo(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY))
