from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.campaigns import Campaign, Cap, Template
from models.catalog.version import Catalog
from models.choice.matching import Match, Matcher, Miss, Query, mmr, top_k
from tests.models.small_catalogue import catalogue, items

NOW = 1_790_000_000_000


def template(slot: str = "native", locale: str = "en", audit: int = 3) -> Template:
    return Template(f"t-{slot}-{locale}", slot, locale, "{title}", "{brand}", "Shop now", audit)


def campaign(campaign_id: str = "c1", /, **fields: Any) -> Campaign:
    plain = Campaign(
        campaign_id, 1, "active", "Brand", templates=(template(), template("social_1x1"), template("text"))
    )
    return replace(plain, **fields)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return catalogue()


def query(catalog: Catalog, row: int = 5, **fields: Any) -> Query:
    return replace(Query(catalog.vectors[row], NOW, slots=("native",)), **fields)


def matched(catalog: Catalog, asked: Query, *campaigns: Campaign) -> Match:
    found = Matcher(catalog, campaigns).match(asked)
    assert isinstance(found, Match), found
    return found


@settings(max_examples=200, deadline=None)
@given(
    arrays(np.float32, st.integers(1, 60), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0, -1.0])),
    st.integers(1, 70),
)
def test_top_k_is_exact_with_ties_by_index(scores: np.ndarray, k: int) -> None:
    brute = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:k]
    assert top_k(scores, k).tolist() == brute


def test_the_nearest_items_under_all_filters_equal_brute_force() -> None:
    rng = np.random.default_rng(3)
    some = [
        replace(
            item,
            available=bool(rng.random() > 0.2),
            valid_until_ms=NOW + int(rng.integers(-5, 5)) if rng.random() < 0.3 else None,
            categories=(item.category, "sale") if rng.random() < 0.2 else item.categories,
        )
        for item in items()
    ]
    catalog = catalogue(some, categories=True)
    for row in range(0, 240, 12):
        wanted = tuple(f"kind-{k:02d}" for k in rng.choice(24, 6, replace=False))
        suppressed = frozenset(rng.choice(24, 3, replace=False).tolist())
        asked = query(catalog, row, suppressed=suppressed)
        found = Matcher(
            catalog, [campaign(item_categories=wanted, item_ids=("i7",), blocked_categories=("sale",))]
        ).match(asked)
        brute = [
            r
            for r, item in enumerate(some)
            if (item.category in wanted or item.item_id == "i7")
            and "sale" not in item.categories
            and item.available
            and (item.valid_until_ms is None or item.valid_until_ms > NOW)
            and int(catalog.codes[r]) not in suppressed
        ]
        scores = catalog.vectors @ asked.vector
        best = sorted(brute, key=lambda r: (-scores[r], r))[:100]
        if not brute:
            assert found is Miss.NO_MATCH
            continue
        assert isinstance(found, Match)
        assert found.rows[0] == best[0]  # MMR begins with the nearest
        assert set(found.rows.tolist()) <= set(best)
        assert len(found.rows) == min(10, len(best))
        assert np.allclose(found.scores, scores[found.rows])


def test_mmr_prefers_the_varied_over_the_nearly_equal() -> None:
    vectors = np.array([[1, 0, 0], [0.999, 0.0447, 0], [0.8, 0, 0.6]], np.float32)
    scores = vectors @ np.array([1, 0, 0], np.float32)
    assert mmr(vectors, scores, 3).tolist() == [0, 1, 2]  # .7 * .999 - .3 * .999 beats .7 * .8 - .3 * .8
    assert mmr(vectors, scores, 3, relevance=0.3).tolist() == [0, 2, 1]
    assert mmr(vectors, scores, 3, relevance=1.0).tolist() == [0, 1, 2]


def test_mmr_equals_its_definition() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((40, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = vectors @ vectors[0]
    taken: list[int] = []
    while len(taken) < 10:
        rest = [i for i in range(40) if i not in taken]
        taken.append(
            max(
                rest,
                key=lambda i: (
                    0.7 * scores[i] - 0.3 * max([float(vectors[i] @ vectors[t]) for t in taken], default=0.0)
                ),
            )
        )
    assert mmr(vectors, scores, 10).tolist() == taken


def test_the_campaign_with_the_nearest_item_wins(catalog: Catalog) -> None:
    mine, other = catalog.items[5].category, catalog.items[6].category
    found = matched(
        catalog,
        query(catalog),
        campaign("a", item_categories=(other,)),
        campaign("b", item_categories=(mine,)),
    )
    assert found.campaign.campaign_id == "b"
    assert found.rows[0] == 5


def test_equal_campaigns_are_taken_by_id(catalog: Catalog) -> None:
    assert matched(catalog, query(catalog), campaign("z"), campaign("a")).campaign.campaign_id == "a"


REFUSING: dict[str, dict[str, Any]] = {
    "paused": {"status": "paused"},
    "not begun": {"start_ms": NOW + 1},
    "over": {"end_ms": NOW},
    "other country": {"geo": ("DEU",)},
    "other device": {"devices": (2,)},
    "other segment": {"segments": ("k07",)},
    "other slot": {"slots": ("text",)},
    "other locale": {"locales": ("de",)},
    "no template of the slot": {"templates": (template("text"),)},
    "no template of the language": {"templates": (template(locale="de"),)},
    "template not approved": {"templates": (template(audit=1),)},
    "no such item": {"item_ids": ("gone",)},
    "all blocked": {"item_categories": ("kind-01",), "blocked_categories": ("kind-01",)},
}


@pytest.mark.parametrize("fields", REFUSING.values(), ids=REFUSING.keys())
def test_what_is_not_eligible_does_not_match(catalog: Catalog, fields: dict[str, Any]) -> None:
    asked = query(catalog, country="GBR", device=4, segment="k01")
    assert Matcher(catalog, [campaign(**fields)]).match(asked) is Miss.NO_MATCH
    assert matched(catalog, asked, campaign(**fields), campaign("c2")).campaign.campaign_id == "c2"


@pytest.mark.parametrize(
    "fields",
    [
        {"geo": ("GBR", "FRA")},
        {"devices": (4,)},
        {"devices": (1,)},
        {"segments": ("k01",)},
        {"locales": ("en-GB",)},
        {"end_ms": NOW + 1},
    ],
)
def test_what_is_targeted_matches(catalog: Catalog, fields: dict[str, Any]) -> None:
    matched(catalog, query(catalog, country="GBR", device=4, segment="k01"), campaign(**fields))


def test_a_region_of_another_is_another_locale(catalog: Catalog) -> None:
    only_british = campaign(templates=(template(locale="en-GB"),))
    assert Matcher(catalog, [only_british]).match(query(catalog, locale="en-US")) is Miss.NO_MATCH
    matched(catalog, query(catalog, locale="en"), only_british)


def test_capped_is_said_only_when_nothing_else_is_left(catalog: Catalog) -> None:
    capped = campaign("a", caps=(Cap(3, 86_400),))
    asked = query(catalog, impressions={"a": 3})
    assert Matcher(catalog, [capped]).match(asked) is Miss.CAPPED
    assert (
        matched(catalog, asked, capped, campaign("b", item_categories=("kind-20",))).campaign.campaign_id
        == "b"
    )
    assert matched(catalog, query(catalog, impressions={"a": 2}), capped).campaign.campaign_id == "a"


def test_slots_are_those_wanted_in_their_order_and_at_most_three(catalog: Catalog) -> None:
    four = campaign(
        templates=tuple(template(slot) for slot in ("native", "text", "social_1x1", "banner_300x250"))
    )
    asked = query(catalog, slots=("text", "banner_728x90", "native", "text", "social_1x1", "banner_300x250"))
    assert matched(catalog, asked, four).slots == ("text", "native", "social_1x1")
    assert matched(catalog, query(catalog, slots=()), four).slots == ("native",)


def test_an_old_creative_is_checked_again(catalog: Catalog) -> None:
    matcher = Matcher(catalog, [campaign(item_categories=("kind-05",), caps=(Cap(2),))])
    asked = query(catalog, slots=("native", "text"))
    assert matcher.still_eligible(asked, "c1", "i5") == ("native", "text")
    assert matcher.still_eligible(asked, "c1", "i6") == ()
    assert matcher.still_eligible(asked, "gone", "i5") == ()
    assert matcher.still_eligible(replace(asked, suppressed=frozenset({5})), "c1", "i5") == ()
    assert matcher.still_eligible(replace(asked, impressions={"c1": 2}), "c1", "i5") == ()


def test_one_campaign_can_be_asked_for(catalog: Catalog) -> None:
    matcher = Matcher(catalog, [campaign("a"), campaign("b", item_categories=("kind-20",))])
    found = matcher.match(query(catalog), only="b")
    assert isinstance(found, Match) and found.campaign.campaign_id == "b"
    assert matcher.match(query(catalog), only="gone") is Miss.NO_MATCH
