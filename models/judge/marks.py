"""What readers said of drafts of models: marks/*.jsonl, one draft a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from importlib.resources import files

import msgspec

from models.brief.brief import Brief, Copy


class Marked(msgspec.Struct, frozen=True):
    """A draft, who wrote it, and what its reader said of it."""

    source: str
    brief: Brief
    copy: Copy
    publishable: bool
    reason: str = ""


def marks() -> Iterator[Marked]:
    """Every mark, file after file."""
    folder = files(__package__) / "marks"
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        if path.name.endswith(".jsonl"):
            for line in path.read_bytes().splitlines():
                yield msgspec.json.decode(line, type=Marked)


def mark_line(marked: Marked) -> bytes:
    """A line of a file of marks; what a brief or a copy leaves open is left out."""
    whole = {**msgspec.structs.asdict(marked), "brief": _said(marked.brief), "copy": _said(marked.copy)}
    return msgspec.json.encode({name: value for name, value in whole.items() if value != ""}) + b"\n"


def _said(about: Brief | Copy) -> dict[str, object]:
    values = ((each, getattr(about, each.name)) for each in fields(about))
    return {each.name: value for each, value in values if each.default is MISSING or value != each.default}
