"""The sentences that meaning is learnt from: text files by language and meaning, or by writer."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

INNOCENT: Final = "innocent"
MEANINGS: Final = (INNOCENT, "people", "unlawful", "profit", "health", "personal", "claims", "topics")
"""What a sentence may mean; all but the first may not be published. The order is that of the weights."""
LANGUAGES: Final = ("en", "de", "zh")


WRITERS: Final = {"near": "indirect", "ads": "goods"}
"""Whose the files of a kind are, where not a writer's of their own: who wrote what must not be said has as a
rule written what may as well. Kinds that only say what may are of nobody else's hand."""
_OWN_HAND: Final = ("twins", "indirect", "goods", "tuning", "pairs", *WRITERS)


class MeaningExample(NamedTuple):
    language: str
    meaning: str
    text: str
    writer: str


def meaning_examples() -> Iterator[MeaningExample]:
    """Every sentence that was written for training."""
    yield from _by_meaning()
    yield from _by_writer()


def _by_meaning() -> Iterator[MeaningExample]:
    """A file is named for its meaning, after an underscore for what kind it holds: `innocent_shop.txt`."""
    for language in LANGUAGES:
        for file in _files_of(language):
            meaning, _, kind = file.name.removesuffix(".txt").partition("_")
            writer = WRITERS.get(kind, kind) if kind in _OWN_HAND else "house"
            for line in file.read_text(encoding="utf-8").splitlines():
                if line.strip():
                    yield MeaningExample(language, meaning, line.strip(), writer)


def _by_writer() -> Iterator[MeaningExample]:
    """A file is named for its writer; a line: language, meaning and sentence."""
    for file in _files_of("writers"):
        for line in file.read_text(encoding="utf-8").splitlines():
            language, meaning, text = line.split("\t")
            yield MeaningExample(language, meaning, text, file.name.removesuffix(".tsv"))


def _files_of(folder: str) -> list[Traversable]:
    return sorted((files(__package__) / "sentences" / folder).iterdir(), key=lambda each: each.name)
