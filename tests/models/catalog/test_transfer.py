"""A new market's catalogue starts in another's space: alike items lie together, and what was learnt comes
along."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.catalog.complements import MOST, NOBODY
from models.catalog.space.encoder import restored
from models.catalog.transfer import popularity_alike, transferred
from models.catalog.version import Catalog
from models.choice.cross_sell import cross_sold
from models.item import Item
from tests.models.small_catalogue import catalogue, encoder_for, items


@pytest.fixture(scope="module")
def other() -> Catalog:
    """Its items of kind 3 are what everybody takes."""
    made = catalogue()
    kinds = np.array([int(item.item_id[1:]) % 24 for item in made.items])
    popularity = np.where(kinds == 3, 1.0, 0.1).astype(np.float32)
    return replace(made, version=7, popularity=popularity, detector=made.detector._replace(threshold=7.5))


def new_items() -> list[Item]:
    """Others of the same kinds, with ids, prices and categories of their own."""
    return [
        replace(item, item_id=f"n{n}", categories=(item.categories[0].replace("kind", "art"),))
        for n, item in enumerate(items(120, seed=11))
    ]


def kind_of(item: Item) -> int:
    return int(item.item_id[1:]) % 24


def started(
    other: Catalog, previous: Catalog | None = None, category_of: dict[str, str] | None = None
) -> Catalog:
    return transferred(new_items(), other, restored(other.basis.weights), category_of or {}, previous)


def test_items_that_say_the_same_lie_together_across_markets(other: Catalog) -> None:
    made = started(other)
    nearest = (made.vectors @ other.vectors.T).argmax(axis=1)
    alike = [kind_of(made.items[row]) == kind_of(other.items[n]) for row, n in enumerate(nearest.tolist())]
    assert np.mean(alike) > 0.95
    assert np.mean(made.codes == other.codes[nearest]) > 0.9


def test_what_was_learnt_comes_along_and_prices_are_those_of_the_new_market(other: Catalog) -> None:
    made = started(other)
    assert (made.version, made.previous) == (1, 0)
    assert made.detector.threshold == 7.5 and made.code_names == other.code_names
    assert np.array_equal(made.pi, other.pi) and np.array_equal(made.kernel, other.kernel)
    popular = {kind_of(made.items[row]) for row in np.argsort(-made.popularity)[:3]}
    assert popular == {3}
    dear = started(replace(other, price_cuts={}))
    assert np.allclose(dear.price_z, made.price_z, equal_nan=True)
    made.arrays()  # what kernels demand of shapes and codes


def test_mapped_categories_take_the_others_interest_whatever_their_words_say(other: Catalog) -> None:
    mapped = started(other, category_of={"art-05": "kind-09"})
    rows = [row for row, item in enumerate(mapped.items) if item.category == "art-05"]
    wanted = np.bincount(
        [other.codes[n] for n, i in enumerate(other.items) if i.category == "kind-09"]
    ).argmax()
    assert {int(code) for code in mapped.codes[rows]} == {int(wanted)}
    assert {int(code) for code in started(other).codes[rows]} != {int(wanted)}


def test_an_item_that_both_sell_keeps_its_vector(other: Catalog) -> None:
    made = transferred(list(other.items[:5]), other, restored(other.basis.weights), {})
    assert np.array_equal(made.vectors, other.vectors[:5])


def test_what_goes_with_what_comes_along_for_the_items_that_both_sell_alone(other: Catalog) -> None:
    rows = np.full((len(other.items), MOST), NOBODY, np.int32)
    rows[2, :3] = (100, 4, 7)
    sells = replace(
        other, complements=rows, complement_shares=np.where(rows == NOBODY, 0, 0.5).astype(np.float32)
    )
    encoder = restored(other.basis.weights)
    both = [*new_items()[:3], other.items[7], other.items[2], other.items[4]]
    made = transferred(both, sells, encoder, {})
    assert made.complements[4, :3].tolist() == [5, 3, NOBODY] and (made.complements[:4] == NOBODY).all()
    assert made.complement_shares[4, :3].tolist() == [0.5, 0.5, 0]
    assert sorted(cross_sold(made, (4,)).rows.tolist()) == [3, 5]
    assert not len(started(sells).complements)


def test_a_version_that_was_there_is_led_into_the_new_one(other: Catalog) -> None:
    before = catalogue(new_items())
    made = started(other, before)
    assert (made.version, made.previous) == (before.version + 1, before.version)
    moved = before.vectors @ made.rotation.T
    assert np.mean(np.sum(moved * made.vectors, axis=1)) > 0.5
    assert set(made.code_map[np.unique(before.codes)].tolist()) <= set(range(len(made.code_names)))


def test_nothing_known_of_popularity_stays_unknown_and_another_encoder_is_refused(other: Catalog) -> None:
    assert not len(popularity_alike(other.vectors, replace(other, popularity=np.zeros(0, np.float32))))
    with pytest.raises(ValueError, match="encoder"):
        transferred(
            new_items(), replace(other, basis=replace(other.basis, encoder="x")), encoder_for(items()), {}
        )
