"""The sentences that meaning is learnt from: text files by language and meaning, one sentence a line."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Final, NamedTuple

INNOCENT: Final = "innocent"
MEANINGS: Final = (INNOCENT, "people", "unlawful", "profit", "health", "personal", "claims", "topics")
"""What a sentence may mean; all but the first may not be published. The order is that of the weights."""
LANGUAGES: Final = ("en", "de", "zh")


WRITERS: Final = {"near": "indirect", "ads": "goods"}
"""Whose the files of a kind are, where not a writer's of their own: who wrote what must not be said has as a
rule written what may as well. Kinds that only say what may are of nobody else's hand."""
_OWN_HAND: Final = ("twins", "indirect", "goods", "tuning", "pairs", *WRITERS)


class Example(NamedTuple):
    language: str
    meaning: str
    text: str
    writer: str


def examples() -> Iterator[Example]:
    """Every sentence that was written for training. A file is named for its meaning, after an underscore for
    what kind it holds: `innocent_shop.txt`."""
    for language in LANGUAGES:
        folder = files(__package__) / "sentences" / language
        for file in sorted(folder.iterdir(), key=lambda each: each.name):
            meaning, _, kind = file.name.removesuffix(".txt").partition("_")
            writer = WRITERS.get(kind, kind) if kind in _OWN_HAND else "first"
            for line in file.read_text(encoding="utf-8").splitlines():
                if line.strip():
                    yield Example(language, meaning, line.strip(), writer)
