"""What every option of every command takes and refuses."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from agents.run_commands import cli


def options(command: click.Command, path: str) -> Iterator[tuple[str, click.Parameter]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from options(below, f"{path} {name}")
    for each in command.params:
        yield f"{path} {each.opts[0]}", each


NUMBERS = [
    (path, each)
    for path, each in options(cli, "shiftcast")
    if isinstance(each.type, click.types.FloatParamType | click.types.IntParamType)
]


@pytest.mark.parametrize(("path", "option"), NUMBERS, ids=[path for path, _ in NUMBERS])
def test_no_number_is_endless_or_none(path: str, option: click.Parameter) -> None:
    for text in ("inf", "nan", "9" * 30, "²"):
        with pytest.raises(click.BadParameter):
            option.type.convert(text, option, None)
