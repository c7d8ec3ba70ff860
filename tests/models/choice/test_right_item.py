"""What makes an item the right one, factor by factor, and that what was just taken is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.arrays import FloatArray
from models.catalog.popularity import of_rows, popularity_of, popularity_of_log, takers_of
from models.catalog.space.coclicks import OrderedPositives
from models.catalog.version import Catalog
from models.choice.matching import Match, Matcher, Miss, Query
from models.choice.right_item import (
    BEYOND,
    DEARER,
    RECENT,
    WITHIN,
    beyond_means,
    item_scores,
    nearness,
    price_speaks,
    tiers_above,
)
from models.choice.selection import item_probabilities
from tests.models.choice.test_matching import NOW, campaign
from tests.models.small_catalogue import catalogue

NO_WISH = np.zeros((0, 64), np.float32)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return catalogue()


def axes(*numbers: int) -> FloatArray:
    return np.eye(64, dtype=np.float32)[list(numbers)]


def matched(catalog: Catalog, query: Query) -> Match:
    found = Matcher(catalog, [campaign()]).match(query)
    assert isinstance(found, Match)
    return found


def test_an_interest_of_two_parts_is_near_to_both_and_not_to_what_lies_between() -> None:
    between = (axes(0) + axes(1) + axes(2) * 0.5).astype(np.float32)
    between /= np.linalg.norm(between)
    near = nearness(np.concatenate((axes(0, 1, 3), between)), axes(0)[0], axes(0, 0, 1, 1))
    newer = (1 + RECENT) / (1 + RECENT + RECENT**2 + RECENT**3)
    assert near[0] == pytest.approx(newer**0.5) and near[1] == pytest.approx((1 - newer) ** 0.5)
    assert near[2] == 0 and near[1] > 0.5


def test_without_items_the_served_vector_says_what_is_near() -> None:
    assert nearness(axes(0, 1), np.array([0.8, -0.6] + [0.0] * 62, np.float32), NO_WISH).tolist() == (
        pytest.approx([0.8, -0.6])
    )


def test_of_equally_near_items_the_popular_one_comes_first_and_new_ones_count_as_average() -> None:
    popularity = popularity_of(np.array([0, 9, 99]))
    assert popularity.tolist() == pytest.approx([0, 0.5, 1])
    scores = item_scores(np.full(3, 0.5, np.float32), popularity, np.zeros(3, np.float32), 0)
    assert np.argsort(-scores).tolist() == [2, 1, 0]
    assert of_rows(popularity, 5)[3:].tolist() == pytest.approx([0.5, 0.5])
    assert of_rows(np.zeros(0, np.float32), 2).tolist() == [0, 0]


def test_popularity_counts_users_once_and_a_refit_without_a_log_keeps_it(catalog: Catalog) -> None:
    chosen = OrderedPositives(np.array([0, 0, 0, 1, 1]), np.array([3, 3, 7, 3, 9]))
    assert takers_of(chosen, 10).tolist() == [0, 0, 0, 2, 0, 0, 0, 1, 0, 1]
    first = replace(catalog, popularity=popularity_of_log(catalog, chosen, None))
    assert first.popularity[3] == 1 > first.popularity[7] > first.popularity[4] == 0
    fewer = replace(
        catalog, items=(catalog.items[9], catalog.items[3], replace(catalog.items[3], item_id="n"))
    )
    kept = popularity_of_log(fewer, None, first)
    assert kept.tolist() == pytest.approx([first.popularity[9], 1, first.popularity.mean()])
    assert not len(popularity_of_log(catalog, None, None))


def test_prices_above_what_a_user_pays_cost_and_cheaper_or_unknown_ones_do_not() -> None:
    price_z = np.array([-2.0, -0.5, 0.0, 0.5, 2.0, np.nan], np.float32)
    assert tiers_above(price_z, 1).tolist() == [0, 1, 2, 3, 4, 0]
    assert tiers_above(price_z, 4).tolist() == [0, 0, 0, 0, 1, 0]
    assert not tiers_above(price_z, 0).any(), "nothing is known of what he pays"
    same = np.full(6, 0.5, np.float32)
    scores = item_scores(same, np.zeros(6, np.float32), price_z, 1)
    assert scores[0] - scores[4] == pytest.approx(4 * DEARER)


def test_who_buys_cheap_is_not_shown_the_dearest_first(catalog: Catalog) -> None:
    alike = np.flatnonzero(catalog.codes == catalog.codes[5])
    dear, cheap = alike[np.argmax(catalog.price_z[alike])], alike[np.argmin(catalog.price_z[alike])]
    vectors = catalog.vectors.copy()
    vectors[alike] = vectors[5]  # nothing but the price tells them apart
    flat = replace(catalog, vectors=vectors)
    for tier, first in ((1, cheap), (5, None)):
        found = matched(flat, Query(vectors[5], NOW, ("native",), tier=tier))
        scores = dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))
        assert (scores.get(int(dear), -1.0) < scores[int(cheap)]) == (first is not None)


def test_what_costs_many_times_what_is_spent_at_once_loses_and_the_rest_does_not() -> None:
    means = WITHIN * 1_000
    prices = np.array([500.0, means, means * np.e, means * np.e**3, np.nan], np.float32)
    assert beyond_means(prices, 1_000).tolist() == pytest.approx([0, 0, 1, 3, 0], abs=1e-5)
    assert not beyond_means(prices, None).any(), "nothing is known of what he spends"
    same = np.full(5, 0.5, np.float32)
    scores = item_scores(same, np.zeros(5, np.float32), same, 0, beyond=beyond_means(prices, 1_000))
    assert scores[0] - scores[3] == pytest.approx(3 * BEYOND)


def test_who_spends_little_is_shown_the_dear_item_last_in_his_own_currency_alone(catalog: Catalog) -> None:
    vectors = catalog.vectors.copy()
    vectors[[6, 30]] = vectors[5]
    items = list(catalog.items)
    for row, price in ((5, 200), (6, 90_000), (30, 200)):
        items[row] = replace(items[row], price_minor=price, currency="EUR")
    dear = replace(
        catalog, items=tuple(items), vectors=vectors, price_z=np.full(len(items), np.nan, np.float32)
    )

    def scores(currency: str, spending: float | None) -> dict[int, float]:
        found = matched(dear, Query(vectors[5], NOW, ("native",), spending=spending, currency=currency))
        return dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))

    little = scores("EUR", 300)
    assert little[6] == pytest.approx(little[5] - BEYOND * np.log(300 / WITHIN), abs=1e-4)
    assert little[6] < little[30] == pytest.approx(little[5])
    for known in (scores("USD", 300), scores("EUR", None), scores("EUR", 90_000)):
        assert known[6] == pytest.approx(known[5])


def test_a_price_speaks_for_cheap_items_to_who_takes_cheap_things() -> None:
    assert price_speaks(-2.0, 1) and price_speaks(-0.5, 2) and price_speaks(-2.0, 2)
    assert not price_speaks(0.0, 2), "dearer than he pays"
    assert not price_speaks(-2.0, 3) and not price_speaks(-2.0, 0) and not price_speaks(float("nan"), 1)


def test_what_was_just_taken_is_not_offered_where_nothing_else_is_left_either(catalog: Catalog) -> None:
    query = Query(catalog.vectors[5], NOW, ("native",), taken=frozenset({5, 29}))
    assert not {5, 29} & set(matched(catalog, query).rows.tolist())
    assert matched(catalog, replace(query, taken=frozenset())).rows[0] == 5
    only = Matcher(catalog, [campaign(item_ids=("i5",))]).match(query)
    assert only is Miss.NO_MATCH


def test_what_is_wanted_now_decides_over_the_served_vector(catalog: Catalog) -> None:
    served = Query(catalog.vectors[5], NOW, ("native",))
    now = replace(served, wanted=catalog.vectors[[6, 30]])
    assert catalog.codes[matched(catalog, now).rows[0]] == catalog.codes[6] != catalog.codes[5]


def test_who_starts_from_a_portrait_is_offered_popular_items_of_what_he_leans_to(catalog: Catalog) -> None:
    leaning = np.zeros(64, np.float32)
    code = int(catalog.codes[7])
    leaning[code] = 3.0
    popularity = np.zeros(len(catalog.items), np.float32)
    liked = np.flatnonzero(catalog.codes == code)
    popularity[liked[-1]] = 0.2
    known = replace(catalog, popularity=popularity)
    start = Query(catalog.vectors[5], NOW, ("native",), leaning=leaning)
    assert matched(known, start).rows[0] == liked[-1]
    assert catalog.codes[matched(known, replace(start, leaning=None)).rows[0]] == catalog.codes[5]
    item = replace(start, wanted=catalog.vectors[[6, 30]])
    assert catalog.codes[matched(known, item).rows[0]] == catalog.codes[6], "an item says more"


def test_the_draw_is_sharp_and_every_candidate_keeps_a_known_chance(catalog: Catalog) -> None:
    scores = np.array([0.8, 0.75, *[0.7] * 8])
    chances = item_probabilities(scores)
    assert chances[0] > 0.8 and chances.min() >= 0.002 and chances.sum() == pytest.approx(1)
