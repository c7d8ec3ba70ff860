"""What a thing is said to have must stand in a source, whatever it is."""

from __future__ import annotations

import pytest

from models.attributes.open_forms import had, is_told


@pytest.mark.parametrize(
    ("language", "said", "source", "missing"),
    [
        ("en", "a daypack with a rain cover", "canvas daypack", ["cover"]),
        ("en", "a daypack with a rain cover.", "daypack, rain cover in the lid", []),
        ("en", "with a map holder", "holds 20 litres", ["holder"]),
        ("en", "it has a padded back for hikes", "daypack", ["back"]),
        ("en", "with a smile, with a few clicks, with its story", "daypack", []),
        ("en", "with its own little bells", "bell of brass", []),
        ("en", "with a capacity of 20 litres, with a warm glow and a warranty", "daypack", []),
        ("de", "mit einem gepolsterten rücken", "rucksack", ["rücken"]),
        ("de", "mit einem reißverschluss innen", "rucksack mit reißverschlüssen, reißverschluss", []),
        ("de", "mit einem lächeln", "rucksack", []),
        ("zh", "双肩包，带一个水壶架", "帆布双肩包", ["水壶架"]),
        ("zh", "双肩包，带一个水壶架", "帆布双肩包，水壶袋", []),
    ],
)
def test_what_a_thing_has_stands_in_a_source(
    language: str, said: str, source: str, missing: list[str]
) -> None:
    words = frozenset(source.replace(",", "").split())
    found = [each.head for each in had(said, language)]
    assert [head for head in found if not is_told(head, words, source, language)] == missing
