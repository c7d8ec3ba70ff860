"""What options take beyond what click knows: pseudonyms, numbers that end, places that can be written."""

from __future__ import annotations

import math
import re
import tempfile
from pathlib import Path
from typing import Any, Final

import click

from streams.loud_end import RefusedError
from streams.records.base import USER_PATTERN

MOST: Final = 1_000_000_000
"""Of what is counted or measured where nothing nearer bounds it: as seconds, its milliseconds fit 64 bits."""


class UserKey(click.ParamType):
    """A pseudonym as producers may key their events."""

    name = "user"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(USER_PATTERN, value):
            self.fail(f"{value!r} is no user key: 1 to 128 characters of A-Z a-z 0-9 _ -", param, ctx)
        return value


class Count(click.IntRange):
    """A whole number of at least `least`."""

    def __init__(self, least: int, most: int = MOST) -> None:
        super().__init__(least, most)


class Measure(click.FloatRange):
    """A number of at least `least`, or above it; never nan, which no comparison refuses, nor infinite."""

    def __init__(self, least: float, most: float = MOST, *, above: bool = False) -> None:
        super().__init__(least, most, min_open=above)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is no number", param, ctx)
        return number


class FileToWrite(click.Path):
    """A file that a command writes at its end: whether it can is found out before its work."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path: Path = super().convert(value, param, ctx)  # type: ignore[assignment]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            new = not path.exists()
            if new or path.is_file():  # to open and close a pipe would end it for its reader
                path.open("ab").close()
            if new:
                path.resolve().unlink()  # a link stays, and what is written goes where it leads
        except OSError as error:
            raise RefusedError(f"{path} cannot be written: {error.strerror}; name another") from error
        return path


class FolderToWrite(click.Path):
    """A folder that a command writes, made where it is missing: the same."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path: Path = super().convert(value, param, ctx)  # type: ignore[assignment]
        try:
            new = not path.exists()
            path.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=path).close()
            if new:
                path.rmdir()
        except OSError as error:
            raise RefusedError(f"{path} cannot be written: {error.strerror}; name another") from error
        return path


SEED: Final = click.IntRange(0, 2**32 - 1)
"""What every generator that is seeded with it takes."""
