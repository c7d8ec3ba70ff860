"""Where briefs come from: own items in three languages, products of retail-demo-store, files; and that nobody
trained on them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from models.brief.brief import GOALS, LIMITS, STYLES, TONES
from models.corpus.languages import lists_of
from models.evaluation.briefs import (
    MEASURED_LANGUAGES,
    BriefsError,
    own_briefs,
    own_items,
    read_briefs,
    retail_briefs,
    variants,
)

PRODUCTS = """
- {name: Adventure-Ready Expedition Backpack, style: backpack, category: accessories, price: 129.99}
- {name: Oak Desk, style: "", category: desks, price: 4.1}
- {name: Brass Lamp, category: furniture, price: 20}
"""


@pytest.mark.parametrize(("language", "count"), [("en", 200), ("de", 50), ("zh", 50)])
def test_own_items_are_whole_and_their_nouns_were_not_trained_on(language: str, count: int) -> None:
    market, items = own_items(language)
    assert len(items) == count
    assert all(item.title and item.noun and item.price_minor > 0 for item in items)
    assert len(market.brands) > 1, "a wrong brand could not be found"
    if (
        language != "en"
    ):  # the English ones are real products: their kinds are everybody's, their titles nobody's
        known = {
            noun.casefold() for domain in lists_of(language).domains.values() for noun in domain["nouns"]
        }
        assert not [item.noun for item in items if item.noun.casefold() in known]
        assert len({item.noun for item in items}) == count


def test_every_choice_is_walked_through() -> None:
    for language in MEASURED_LANGUAGES:
        briefs = own_briefs([language])
        for seen, known in (
            ({each.slot for each in briefs}, set(LIMITS)),
            ({each.style for each in briefs}, set(STYLES)),
            ({each.tone for each in briefs}, set(TONES)),
            ({each.goal for each in briefs}, set(GOALS)),
        ):
            assert seen == known
        assert (
            {bool(each.salesprice_minor) for each in briefs}
            == {bool(each.must_use) for each in briefs}
            == {True, False}
        )


def test_variants_are_other_requests_in_other_styles() -> None:
    made = list(variants(own_briefs(["de"])[7], 10))
    assert len({each.request_id for each in made}) == 10
    assert made[0].style == own_briefs(["de"])[7].style
    assert max(Counter(each.style for each in made).values()) == 2


def test_products_become_briefs(tmp_path: Path) -> None:
    (tmp_path / "products.yaml").write_text(PRODUCTS)
    briefs = retail_briefs(tmp_path)
    assert [(each.noun, each.price_minor) for each in briefs] == [
        ("backpack", 12_999),
        ("Desk", 410),
        ("", 2_000),
    ]
    assert [each.title for each in retail_briefs(tmp_path, 2)] == [
        "Adventure-Ready Expedition Backpack",
        "Oak Desk",
    ]


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(BriefsError, match=r"products\.yaml.*retail-demo-store"):
        retail_briefs(tmp_path)
    (tmp_path / "products.yaml").write_text("{a: 1}")
    with pytest.raises(BriefsError, match="no list of products"):
        retail_briefs(tmp_path)
    path = tmp_path / "briefs.jsonl"
    good = {
        "request_id": "r",
        "campaign_id": "c",
        "slot": "native",
        "brand": "B",
        "title": "Oak Desk",
        "noun": "desk",
    }
    path.write_text(json.dumps(good) + "\n\n" + json.dumps({**good, "facts": ["a"]}) + "\n")
    assert [each.facts for each in read_briefs(path)] == [(), ("a",)]
    path.write_text(json.dumps(good) + "\n" + json.dumps({**good, "slot": 7}) + "\n")
    with pytest.raises(BriefsError, match="line 2"):
        read_briefs(path)
    path.write_text("\n")
    with pytest.raises(BriefsError, match="no brief"):
        read_briefs(path)
    with pytest.raises(BriefsError, match="one brief per line"):
        read_briefs(tmp_path / "none.jsonl")
