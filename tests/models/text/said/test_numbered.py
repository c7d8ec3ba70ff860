"""Numbers that are said of one thing alone."""

from __future__ import annotations

import pytest

from models.text.number_words import said_numbers
from models.text.said.numbered import is_of_numbered, numbered_things, spoken_counts_of


@pytest.mark.parametrize(
    ("language", "told", "counts"),
    [
        ("de", "zweisitzer aus samt", set()),
        ("de", "dreirad mit vier gängen", {"4"}),
        ("de", "dreistündig, zweilagiges papier", {"3", "2"}),
        ("de", "zwei kissen", {"2"}),
        ("zh", "两年质保，三层竹篮", {"2", "3"}),
    ],
)
def test_a_number_that_a_german_noun_begins_with_counts_nothing_else(
    language: str, told: str, counts: set[str]
) -> None:
    assert spoken_counts_of(told, language) == counts


@pytest.mark.parametrize(("said", "supported"), [("der zweisitzer", True), ("zwei kissen", False)])
def test_it_supports_that_noun_alone(said: str, supported: bool) -> None:
    things = numbered_things("zweisitzer aus samt", "de")
    assert [is_of_numbered(said, each, things) for each in said_numbers(said, "de")] == [supported]
