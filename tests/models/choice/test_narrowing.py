"""What a campaign takes back: a list that loses or admits less, a bar that comes in, who stands behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.campaigns import Cap, Dsa, Template
from models.choice.narrowing import is_narrowed, reworded_templates
from tests.agents.creatives.generation_fixtures import BANNER, CAMPAIGN, NATIVE

LESS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"facts": ("a", "b")}, {"facts": ("a",)}),
    ({"claims": ("a",)}, {"claims": ()}),
    ({"ctas": ("Go",)}, {"ctas": ("Buy",)}),
    ({"images": ("https://cdn.example/1.jpg",)}, {"images": ()}),
    ({"avoid": ()}, {"avoid": ("cheap",)}),
    ({"must_use": ()}, {"must_use": ("18+",)}),
    ({"blocked_categories": ()}, {"blocked_categories": ("audio",)}),
    ({"slots": ()}, {"slots": ("native",)}),
    ({"geo": ("DEU", "FRA")}, {"geo": ("DEU",)}),
    ({"devices": ()}, {"devices": (4,)}),
    ({"segments": ("k01",)}, {"segments": ("k02",)}),
    ({"locales": ("en", "de")}, {"locales": ("en",)}),
    ({"item_ids": ("i1", "i2")}, {"item_ids": ("i2",)}),
    ({"item_ids": ()}, {"item_ids": ("i1",)}),
    ({"item_categories": ("a", "b"), "item_ids": ("i1",)}, {"item_categories": ("a",), "item_ids": ("i1",)}),
    ({"dsa": Dsa("S", "S")}, {"dsa": Dsa("S", "T")}),
    ({"legal": (("en", "Ends 1 May."),)}, {"legal": (("en", "Ends 1 April."),)}),
    ({"legal": ()}, {"legal": (("en", "18+ only."),)}),
    ({"people_first": False}, {"people_first": True}),
]


@pytest.mark.parametrize(("wide", "narrow"), LESS, ids=[next(iter(wide)) for wide, _ in LESS])
def test_what_may_be_wrong_in_a_live_creative_narrows(wide: dict[str, Any], narrow: dict[str, Any]) -> None:
    assert is_narrowed(replace(CAMPAIGN, **wide), replace(CAMPAIGN, **narrow))


def test_what_widens_or_is_no_matter_of_creatives_takes_nothing_back() -> None:
    more = replace(
        CAMPAIGN, version=4, facts=("New",), geo=(), caps=(Cap(3),), budget=9.0, cpm=2.0, tone="dry"
    )
    assert not is_narrowed(replace(CAMPAIGN, geo=("DEU",)), more)
    assert not is_narrowed(replace(CAMPAIGN, item_ids=("i1",)), CAMPAIGN), "the whole catalogue now"
    assert not is_narrowed(CAMPAIGN, CAMPAIGN)


@pytest.mark.parametrize(
    ("after", "ids"),
    [
        ((NATIVE, BANNER), set()),
        ((BANNER, NATIVE), set()),
        ((replace(NATIVE, headline="Other"), BANNER), {"t-native"}),
        ((replace(NATIVE, audit=2, layout="shelf"), BANNER), set()),
        ((BANNER,), set()),
    ],
)
def test_a_template_is_reworded_where_its_name_says_something_else(
    after: tuple[Template, ...], ids: set[str]
) -> None:
    assert reworded_templates(CAMPAIGN, replace(CAMPAIGN, templates=after)) == ids
