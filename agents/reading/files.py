"""Files of sheets: JSON lines, and beside each sheet its key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from streams.loud_end import RefusedError

KEY_SUFFIX: Final = ".key.jsonl"
Line = TypeVar("Line", bound=msgspec.Struct)


def key_file_of(sheet: Path) -> Path:
    """Where the key of a sheet stands unless another place is named."""
    return sheet.with_name(sheet.name.removesuffix(".jsonl") + KEY_SUFFIX)


def write_sheet(
    sheet: Path, entries: Sequence[msgspec.Struct], secrets: Sequence[msgspec.Struct], key: Path | None = None
) -> Path:
    """A sheet and its key; returns where the key is."""
    at = key or key_file_of(sheet)
    for path, lines in ((sheet, entries), (at, secrets)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    return at


def read_sheet(path: Path, kind: type[Line]) -> list[Line]:
    """The lines of a file. Raises RefusedError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RefusedError(
            f"{path}: {error.strerror}; name a sheet that `model read --sheet` wrote"
        ) from error
    lines = []
    for number, line in enumerate(data.splitlines(), 1):
        try:
            lines.append(msgspec.json.decode(line, type=kind))
        except ValueError as error:
            raise RefusedError(f"{path}, line {number}: {error}") from error
    return lines
