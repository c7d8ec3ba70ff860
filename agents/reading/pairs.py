"""Sheets of pairs: a model's copy beside the template that could have stood in its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from agents.commands.tables import print_table
from agents.reading.files import key_file_of, read_sheet
from agents.reading.served import Served
from models.brief.brief import Brief, Copy
from models.reading.pairs import (
    CopyPair,
    PairSecret,
    ReaderPreference,
    ScoredPairs,
    hidden_pairs,
    scored_pairs,
)
from models.reading.scoring import RELIABLE
from streams.loud_end import RefusedError


def served_pairs_of(
    served: Served, limit: int, good: Sequence[tuple[Brief, Copy]], seed: int
) -> list[CopyPair]:
    """At most `limit` pairs of what was served, by chance, and hidden ones made of good ads."""
    pieces = served.by_model(limit, seed)
    pairs = [
        CopyPair(each.source, each.brief, each.copy, served.in_its_place(each, turn))
        for turn, each in enumerate(pieces)
    ]
    return [*pairs, *hidden_pairs(good, seed)]


def score_pairs(filled: Sequence[Path], key: Path | None) -> dict[str, ScoredPairs]:
    """What each filled sheet says. Raises RefusedError."""
    found = {}
    for path in filled:
        secrets = read_sheet(key or key_file_of(path), PairSecret)
        try:
            found[str(path)] = scored_pairs(secrets, read_sheet(path, ReaderPreference))
        except ValueError as error:
            raise RefusedError(f"{path}: {error}") from error
    return found


def show_pairs(name: str, reading: ScoredPairs) -> None:
    table = Table("source", "pairs", "preferred", "95 %", title=name, title_justify="left")
    for source, share in reading.preferred.items():
        table.add_row(source, str(share.of), f"{share.value:.3f}", f"{share.low:.3f} to {share.high:.3f}")
    print_table(table)
    verdict = "the reading counts" if reading.counts else f"the reading does not count, below {RELIABLE}"
    right = reading.hidden_right
    told = f"{right.hits:g} of {right.of} hidden pairs right: {verdict}" if right.of else verdict
    click.echo(f"{told}; {reading.ties} ties")
    if reading.missing:
        click.echo(f"{reading.missing} pairs without a mark")


def plain_pairs(reading: ScoredPairs) -> dict[str, Any]:
    """A reading as a machine reads it."""
    return {
        "counts": reading.counts,
        "hidden_right": {**reading.hidden_right._asdict(), "share": reading.hidden_right.value},
        "missing": reading.missing,
        "ties": reading.ties,
        "preferred": {
            source: {**share._asdict(), "share": share.value} for source, share in reading.preferred.items()
        },
    }
