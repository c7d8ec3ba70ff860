"""The kept readings: each says what the README of its folder says, counted here once more by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.reading.pairs import PairSecret, ReaderPreference, scored_pairs
from models.reading.scoring import scored
from models.reading.sheet import ReaderMark, Secret

FOLDER = Path(__file__).parents[2] / "golden/reading"
README = (FOLDER / "README.md").read_text()
GUIDE = (FOLDER.parents[2] / "deploy/guide/copywriter.md").read_text()
TOLD = re.findall(r"^\| `([a-z-]+\d)`[^|]*\| (.*?) \| (.*?) ?\|$", GUIDE, re.MULTILINE)
OTHERS = ("template", "corpus", "before")
"""Sources of a sheet beside what the copywriter wrote."""


def readings(kind: str) -> Iterator[tuple[Path, Path]]:
    for key in sorted(FOLDER.glob("*.key.jsonl")):
        sheet = key.name.removesuffix(".key.jsonl")
        for filled in (
            sorted(FOLDER.glob(f"{sheet}.reader-*.jsonl")) if ("pairs" in sheet) == (kind == "pairs") else ()
        ):
            yield key, filled


def plain(path: Path) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize(("key", "filled"), list(readings("sheets")), ids=lambda path: path.name)
def test_a_kept_reading_counts_and_its_shares_are_those_of_its_marks(key: Path, filled: Path) -> None:
    found = scored(
        [msgspec.convert(each, Secret) for each in plain(key)],
        [msgspec.convert(each, ReaderMark) for each in plain(filled)],
    )
    assert found.counts and found.missing == 0
    marks = {each["id"]: each["publishable"] for each in plain(filled)}
    for source, share in found.publishable.items():
        ids = [each["id"] for each in plain(key) if each["piece"]["source"] == source]
        assert (share.hits, share.of) == (sum(marks[each] for each in ids), len(ids))
        assert f"{share.hits:g} of {share.of}" in README, (filled.name, source)


@pytest.mark.parametrize(("key", "filled"), list(readings("pairs")), ids=lambda path: path.name)
def test_of_a_kept_reading_of_pairs_each_tie_is_half(key: Path, filled: Path) -> None:
    found = scored_pairs(
        [msgspec.convert(each, PairSecret) for each in plain(key)],
        [msgspec.convert(each, ReaderPreference) for each in plain(filled)],
    )
    assert found.counts and found.missing == 0
    better = {each["id"]: each["better"] for each in plain(filled)}
    judged = [each for each in plain(key) if not each["pair"].get("hidden")]
    worth = sum(
        0.5 if better[each["id"]] == "tie" else float(better[each["id"]] == each["one"]) for each in judged
    )
    assert sum(share.hits for share in found.preferred.values()) == worth
    assert f"{worth:g} of {len(judged)}" in README


def test_what_readers_said_of_every_line_is_counted() -> None:
    read = plain(FOLDER / "frames.jsonl")
    marks = [mark["publishable"] for each in read for mark in each["marks"]]
    assert f"{sum(marks)} of {len(marks)} marks" in README and f"{len(read)} copies" in README
    assert all(
        mark["part"] and mark["reason"] for each in read for mark in each["marks"] if not mark["publishable"]
    )


@pytest.mark.parametrize(("sheet", "copies", "templates"), TOLD, ids=[each[0] for each in TOLD])
def test_the_guide_says_of_a_sheet_what_its_two_readers_marked(
    sheet: str, copies: str, templates: str
) -> None:
    pieces = {each["id"]: each["piece"] for each in plain(FOLDER / f"{sheet}.key.jsonl")}
    written = {
        id
        for id, piece in pieces.items()
        if piece.get("publishable") is None and piece["source"] not in OTHERS
    }
    filled = {id for id, piece in pieces.items() if piece["source"] == "template"}
    marks = [plain(FOLDER / f"{sheet}.reader-{reader}.jsonl") for reader in (1, 2)]
    assert copies == told(written, marks)
    assert templates == told(filled, marks)


def told(ids: set[str], marks: list[list[dict[str, Any]]]) -> str:
    first, second = (sum(each["publishable"] for each in reader if each["id"] in ids) for reader in marks)
    return f"{first} and {second} of {len(ids)}" if ids else ""
