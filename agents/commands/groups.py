"""Groups of commands: a name that none has is answered with the nearest, and modules load when asked for."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click


class GuessingGroup(click.Group):
    """As click's from 8.4 on, which Faust does not allow yet."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            error.message += f" Did you mean {near[0]!r}?" if near else ""
            raise


class LazyGroup(GuessingGroup):
    """`lines`: what the help says of each command, in its order; `module_of` names the module that has it, as
    `command`."""

    def __init__(
        self, *args: Any, module_of: Callable[[str], str], lines: Mapping[str, str], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self._module_of, self._lines = module_of, lines

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lines)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lines:
            return None
        with _uninterrupted():
            command: click.Command = import_module(self._module_of(cmd_name)).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._lines.items()))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until what is inside has ended: modules in C that are interrupted while they load end in
    an ImportError instead. Other threads than the main one are never interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def modules_in(room: str) -> Callable[[str], str]:
    """What names the modules of sub-commands that stand in one package."""
    return lambda name: f"{room}.{name.replace('-', '_')}"
