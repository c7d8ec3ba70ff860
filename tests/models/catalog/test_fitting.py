from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.catalog.codes import MOST_CODES, code_names, cold_kernel
from models.catalog.fitting import CLUSTERED, CURATED, extended
from models.catalog.version import Catalog, item_key
from models.item import Item
from tests.models.small_catalogue import catalogue, encoder_for, items


@pytest.fixture(scope="module")
def first() -> Catalog:
    return catalogue()


@pytest.fixture(scope="module")
def clustered() -> Catalog:
    return catalogue(categories=False)


def test_categories_are_the_codes_when_their_number_fits(first: Catalog) -> None:
    assert first.curated
    assert first.code_names == tuple(f"kind-{k:02d}" for k in range(24))
    assert all(
        first.code_names[code] == item.category for code, item in zip(first.codes, first.items, strict=True)
    )
    assert first.detector == CURATED
    assert np.array_equal(first.kernel, np.eye(MOST_CODES, dtype=np.float32))


@pytest.mark.parametrize("kinds", [5, 80])
def test_too_few_or_too_many_categories_are_clustered(kinds: int) -> None:
    made = catalogue(items(160, kinds))
    assert not made.curated
    assert len(made.code_names) <= MOST_CODES
    assert len(set(made.code_names)) == len(made.code_names)
    assert made.detector == CLUSTERED


def test_categories_on_demand_are_refused_when_their_number_does_not_fit() -> None:
    with pytest.raises(ValueError, match="this catalogue has 5"):
        catalogue(items(60, 5), categories=True)


def test_vectors_are_unit_and_kinds_stay_together(first: Catalog) -> None:
    assert np.allclose(np.linalg.norm(first.vectors, axis=1), 1, atol=1e-5)
    likeness = first.vectors @ first.vectors.T
    np.fill_diagonal(likeness, -2)
    assert (first.codes[likeness.argmax(axis=1)] == first.codes).mean() > 0.95


def test_detector_arrays_are_proper(clustered: Catalog) -> None:
    assert clustered.pi.shape == (MOST_CODES,)
    assert clustered.pi.min() > 0
    assert clustered.pi.sum() == pytest.approx(1, abs=1e-5)
    assert np.allclose(clustered.kernel.sum(axis=0), 1, atol=1e-5)
    arrays = clustered.arrays()
    assert arrays.version == 1
    assert arrays.item_keys[3] == item_key("i3")
    assert np.array_equal(arrays.codes, clustered.codes)


def test_kernel_lends_most_to_the_nearest_code(clustered: Catalog) -> None:
    kernel = cold_kernel(clustered.centroids, 0.2)
    k = len(clustered.centroids)
    likeness = clustered.centroids @ clustered.centroids.T
    np.fill_diagonal(likeness, -2)
    off = kernel[:k, :k] - np.diag(np.diag(kernel[:k, :k]))
    assert np.array_equal(off.argmax(axis=0), likeness.argmax(axis=0))


def test_equal_items_give_an_equal_version(first: Catalog) -> None:
    again = catalogue()
    assert np.array_equal(first.vectors, again.vectors)
    assert np.array_equal(first.segments, again.segments)


def test_a_new_item_lands_beside_its_like_and_nothing_moves(first: Catalog) -> None:
    model = first.items[5]
    new = replace(model, item_id="zz", title=model.title + " deluxe")
    after = extended(first, {"zz": new}, encoder_for(items()))
    assert after.version == first.version
    assert after.index["zz"] == len(first.items)
    assert np.array_equal(after.vectors[:-1], first.vectors)
    assert after.vectors[-1] @ first.vectors[5] > 0.9
    assert after.codes[-1] == first.codes[5]


def test_removed_and_changed_items_keep_their_rows(first: Catalog) -> None:
    cheaper = replace(first.items[9], salesprice_minor=1)
    after = extended(first, {"i4": None, "i9": cheaper, "never": None}, encoder_for(items()))
    assert [item.item_id for item in after.items] == [item.item_id for item in first.items]
    assert not after.items[4].available
    assert after.price_z[9] < first.price_z[9]
    assert np.array_equal(after.vectors, first.vectors)  # a price is no text


def test_another_encoder_is_refused(first: Catalog) -> None:
    other = replace(encoder_for(items()), name="onnx:0123")
    with pytest.raises(ValueError, match="made with encoder hashed"):
        extended(first, {"zz": replace(first.items[0], item_id="zz")}, other)


def test_an_item_that_shares_nothing_gets_a_direction_of_its_own(first: Catalog) -> None:
    strange = [Item(f"s{n}", "", "https://shop.example", "") for n in range(2)]
    after = extended(first, {item.item_id: item for item in strange}, encoder_for(items()))
    assert np.allclose(np.linalg.norm(after.vectors[-2:], axis=1), 1, atol=1e-5)
    assert abs(after.vectors[-1] @ after.vectors[-2]) < 0.6


@pytest.mark.parametrize("categories", [None, False])
def test_refit_of_an_unchanged_catalogue_keeps_users_where_they_were(categories: bool | None) -> None:
    old = catalogue(categories=categories)
    new = catalogue(items()[::-1], old, categories, seed=5)
    assert (new.version, new.previous) == (2, 1)
    assert np.allclose(new.rotation @ new.rotation.T, np.eye(64), atol=1e-4)
    rng = np.random.default_rng(0)
    for _ in range(50):
        liked = [f"i{n}" for n in rng.integers(0, 240, 5)]
        before = old.vectors[[old.index[i] for i in liked]].mean(axis=0)
        after = new.vectors[[new.index[i] for i in liked]].mean(axis=0)
        mapped = new.rotation @ before
        assert mapped @ after / np.linalg.norm(mapped) / np.linalg.norm(after) > 0.9
    stayed = [
        new.code_map[old.codes[old.index[item.item_id]]] == new.codes[row]
        for row, item in enumerate(new.items)
    ]
    assert np.mean(stayed) > 0.9


def test_codes_without_items_left_map_to_nothing() -> None:
    old = catalogue()
    rest = [item for item in items() if item.category != "kind-03"]
    new = catalogue(rest, old)
    assert new.code_map[3] == -1
    assert new.code_names[new.code_map[4]] == "kind-04"


def test_a_calibrated_threshold_outlives_a_refit_of_categories_alone() -> None:
    old = catalogue()
    calibrated = replace(old, detector=old.detector._replace(threshold=9.9))
    assert catalogue(previous=calibrated).detector.threshold == 9.9
    assert catalogue(previous=calibrated, categories=False).detector == CLUSTERED
    clusters = replace(catalogue(categories=False), detector=CLUSTERED._replace(threshold=6.5, warm_up=9))
    again = catalogue(previous=clusters, categories=False).detector
    assert again == CLUSTERED._replace(warm_up=9), "its threshold was that of another kernel"


def test_before_a_calibration_clusters_fire_rarely() -> None:
    assert CLUSTERED.threshold == 9.5


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_tiny_catalogues_have_a_version(n: int) -> None:
    made = catalogue(items(n, 3))
    assert np.isfinite(made.vectors).all()
    assert np.allclose(np.linalg.norm(made.vectors, axis=1), 1, atol=1e-5)
    made.arrays()


def test_prices_stand_within_their_currency_alone(first: Catalog) -> None:
    """The same things for a hundred times the figure: each keeps its standing, none sways the other's."""
    yen = [
        replace(
            each,
            item_id=f"y-{each.item_id}",
            currency="JPY",
            price_minor=None if each.price_minor is None else each.price_minor * 100,
            salesprice_minor=None,
        )
        for each in items()
    ]
    both = catalogue([*(replace(each, currency="EUR") for each in items()), *yen])
    standing = dict(zip([each.item_id for each in both.items], both.price_z, strict=True))
    for each in items():
        assert standing[f"y-{each.item_id}"] == pytest.approx(standing[each.item_id], abs=1e-4)
    alone = dict(zip([each.item_id for each in first.items], first.price_z, strict=True))
    assert standing[items()[0].item_id] == pytest.approx(alone[items()[0].item_id], abs=1e-4)
    elsewhere = extended(
        both, {"zz": replace(items()[0], item_id="zz", currency="CHF")}, encoder_for(items())
    )
    assert np.isnan(elsewhere.price_z[-1])


def test_prices_stand_against_their_code(first: Catalog) -> None:
    rows = np.flatnonzero(first.codes == first.codes[2])
    paid = np.array([first.items[row].charged_minor for row in rows])
    assert abs(np.median(first.price_z[rows])) < 0.3
    dearest, cheapest = rows[paid.argmax()], rows[paid.argmin()]
    assert first.price_z[dearest] == first.price_z[rows].max() > 1
    assert first.price_z[cheapest] == first.price_z[rows].min() < -1
    unknown = extended(
        first, {"zz": replace(first.items[0], item_id="zz", price_minor=None)}, encoder_for(items())
    )
    assert np.isnan(unknown.price_z[-1])


def test_cluster_names_are_marks_not_common_words() -> None:
    some = [Item(f"a{n}", "red lamp shade", "u", "lamp") for n in range(4)] + [
        Item(f"b{n}", "red tea mug", "u", "mug") for n in range(4)
    ]
    lamp, mug = code_names(some, np.repeat([0, 1], 4), 2)
    assert "lamp" in lamp and "red" not in lamp
    assert "mug" in mug and "red" not in mug
