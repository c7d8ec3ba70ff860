"""What an advertiser says of each file: a CSV with a header, or JSON lines."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Final

import msgspec

from streams.loud_end import RefusedError

FIELDS: Final = ("file", "caption", "item_id", "cat")
_APART: Final = "|"
"""Between several item ids or categories of one file in a CSV."""


class FileCaption(msgspec.Struct, frozen=True):
    """What stands beside one file; its name is the path below the folder."""

    file: str
    caption: str = ""
    item_id: list[str] | str = []
    cat: list[str] | str = []

    @property
    def item_ids(self) -> list[str]:
        """The items that it is of."""
        return _listed(self.item_id)

    @property
    def categories(self) -> list[str]:
        """What it shows."""
        return _listed(self.cat)


def read_captions(path: Path) -> dict[str, FileCaption]:
    """By file. Raises RefusedError: file, line, what is wrong, what it should be."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    rows = _csv_rows(path, text) if path.suffix.lower() == ".csv" else _json_rows(path, text)
    return {each.file: each for each in rows}


def _csv_rows(path: Path, text: str) -> list[FileCaption]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = reader.fieldnames or []
    unknown = [each for each in header if each not in FIELDS]
    if "file" not in header or unknown:
        raise RefusedError(
            f"{path}, line 1: the header is {','.join(header)}; it should be {','.join(FIELDS)}"
        )
    return [_said(path, reader.line_num, {k: v for k, v in row.items() if k and v}) for row in reader]


def _json_rows(path: Path, text: str) -> list[FileCaption]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                found.append(_said(path, number, msgspec.json.decode(line)))
            except msgspec.DecodeError as error:
                raise _broken(path, number, error) from error
    return found


def _said(path: Path, line: int, row: Any) -> FileCaption:
    try:
        return msgspec.convert(row, FileCaption)
    except msgspec.ValidationError as error:
        raise _broken(path, line, error) from error


def _broken(path: Path, line: int, error: Exception) -> RefusedError:
    sample = '{"file": "shoes/1.jpg", "caption": "Red running shoes", "item_id": "i1", "cat": "footwear"}'
    return RefusedError(f"{path}, line {line}: {error}; write {sample}")


def _listed(value: list[str] | str) -> list[str]:
    parts = value.split(_APART) if isinstance(value, str) else value
    return [each.strip() for each in parts if each.strip()]
