"""Vectors of who chooses what: products with the matrix, what lies together, what text says of the rest."""

from __future__ import annotations

import numpy as np
import pytest

from models.arrays import IntArray
from models.catalog.fitting import refitted
from models.catalog.granularity import told_apart
from models.catalog.space.basis import embedded, fit_basis
from models.catalog.space.coclicks import CoClicks, OrderedPositives, fit_coclicks, linked
from models.catalog.space.encoder import fit_encoder
from models.item import Item

GROUPS, OF_GROUP = 6, 10
WORDS = ("lamp", "vase", "rug", "clock", "mug", "plate", "candle", "basket", "ribbon", "garland")


def crowd(seed: int = 3, users: int = 180, positives: int = 24) -> OrderedPositives:
    """Each user chooses among the items of one group: rows group * OF_GROUP and on."""
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(users), positives)
    return OrderedPositives(user, user % GROUPS * OF_GROUP + rng.integers(0, OF_GROUP, len(user)))


def shop() -> list[Item]:
    """Each group sells the same things, so that no word tells two groups apart."""
    return [
        Item(f"{g}-{n}", f"{WORDS[n]} for the home", "", "") for g in range(GROUPS) for n in range(OF_GROUP)
    ]


def likeness(vectors: np.ndarray, group: IntArray) -> tuple[float, float]:
    """Mean cosine within groups and between them."""
    cosines = vectors @ vectors.T
    same = group[:, None] == group
    np.fill_diagonal(same, False)
    return float(cosines[same].mean()), float(cosines[group[:, None] != group].mean())


def test_products_are_those_of_the_scaled_matrix() -> None:
    chosen = OrderedPositives(np.array([0, 0, 0, 4, 4, 9]), np.array([5, 5, 2, 5, 7, 7]))
    links, known = linked(chosen, 8)
    assert known.tolist() == [2, 5, 7] and links.shape == (3, 3)
    dense = np.array([[1, 1, 0], [0, 1, 1], [0, 0, 1]], float)
    dense = dense / np.sqrt(dense.sum(axis=1, keepdims=True) * dense.sum(axis=0))
    x = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    np.testing.assert_allclose(links @ x, dense @ x, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(links.T @ x, dense.T @ x, rtol=1e-5, atol=1e-6)


def test_products_of_more_pairs_than_are_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    links, _ = linked(crowd(), GROUPS * OF_GROUP)
    x = np.random.default_rng(0).standard_normal((links.shape[1], 3)).astype(np.float32)
    whole = links @ x
    monkeypatch.setattr("models.catalog.space.coclicks._CHUNK", 7)  # less than one user has
    np.testing.assert_allclose(links @ x, whole, rtol=1e-5, atol=1e-6)


def test_items_of_the_same_users_lie_together() -> None:
    made = fit_coclicks(crowd(), GROUPS * OF_GROUP + 1, 0)
    assert not made.vectors[-1].any() and made.users[-1] == 0  # nobody chose it
    assert made.users[0] <= 30 and made.users[:-1].min() > 20
    unit = made.vectors[:-1] / np.linalg.norm(made.vectors[:-1], axis=1, keepdims=True)
    within, between = likeness(unit, np.arange(GROUPS * OF_GROUP) // OF_GROUP)
    assert within > 0.35 and between < 0


def test_equal_logs_give_equal_vectors() -> None:
    first, again = (fit_coclicks(crowd(), GROUPS * OF_GROUP, 0) for _ in range(2))
    assert np.array_equal(first.vectors, again.vectors)


def test_who_chooses_tells_apart_what_words_do_not() -> None:
    items, group = shop(), np.arange(GROUPS * OF_GROUP) // OF_GROUP
    encoder = fit_encoder([item.title for item in items], seed=0)
    text = refitted(items, encoder, categories=False)
    both = refitted(items, encoder, categories=False, chosen=crowd())
    assert np.allclose(np.linalg.norm(both.vectors, axis=1), 1, atol=1e-5)
    within, between = likeness(text.vectors, group)
    assert within <= between + 0.01
    within, between = likeness(both.vectors, group)
    assert within > between + 0.2


def test_few_positives_leave_the_catalogue_to_its_texts() -> None:
    items = shop()
    encoder = fit_encoder([item.title for item in items], seed=0)
    few = refitted(items, encoder, categories=False, chosen=crowd(users=40))
    assert np.array_equal(few.vectors, refitted(items, encoder, categories=False).vectors)


def test_an_item_that_nobody_chose_lies_where_its_text_says() -> None:
    groups = ("garden spade", "silver ring", "paper kite")
    items = [Item(f"{n:02d}", f"{groups[n % 3]} number {n}", "", "") for n in range(30)]
    rng = np.random.default_rng(1)
    user = np.repeat(np.arange(90), 20)
    item = user % 3 + 3 * rng.integers(0, 9, len(user))  # rows 27 to 29 are new
    encoder = fit_encoder([each.title for each in items], seed=0)
    basis, vectors = fit_basis(items, encoder, fit_coclicks(OrderedPositives(user, item), len(items), 0))
    assert np.allclose(vectors[27:], embedded(basis, items[27:], encoder), atol=1e-5)
    nearest = np.argmax(vectors[27:] @ vectors[:27].T, axis=1)
    assert (nearest % 3).tolist() == [0, 1, 2]


def test_few_users_say_less_of_an_item_than_its_text() -> None:
    items = [Item(f"{n:02d}", f"{WORDS[n % 10]} of {('oak', 'tin')[n // 10]}", "", "") for n in range(20)]
    encoder = fit_encoder([item.title for item in items], seed=0)
    side = np.zeros((20, 2), np.float32)
    side[np.arange(20), np.arange(20) // 10] = 1.0
    side[5] = side[15]  # chosen by those who choose tin
    few, many = (
        fit_basis(items, encoder, CoClicks(side, np.where(np.arange(20) == 5, n, 200)))[1] for n in (1, 2_000)
    )
    assert few[5] @ few[6] > few[5] @ few[16]
    assert many[5] @ many[16] > many[5] @ many[6]


def test_as_many_clusters_as_tell_users_apart() -> None:
    chosen = crowd(positives=40)
    group = np.arange(GROUPS * OF_GROUP) // OF_GROUP
    right, coarse, fine = (told_apart(chosen, codes) for codes in (group, group // 3, np.arange(60)))
    assert right > coarse and right > fine > 0
    assert told_apart(OrderedPositives(np.arange(50), np.arange(50)), group) == 0


def test_users_with_broad_tastes_are_told_apart_by_fine_clusters() -> None:
    """Each takes 20 of 48 codes: of his own next code a past of ten says less the finer the clusters are, of
    what he leaves alone it says more."""
    rng = np.random.default_rng(2)
    user = np.repeat(np.arange(300), 20)
    taste = np.stack([rng.permutation(48)[:20] for _ in range(300)])
    chosen = OrderedPositives(user, taste[user, rng.integers(0, 20, len(user))])
    fine, middle, coarse = (told_apart(chosen, np.arange(48) % number) for number in (48, 24, 12))
    assert fine > middle > coarse > 0
