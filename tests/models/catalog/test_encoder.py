from __future__ import annotations

import numpy as np
import pytest

from models.catalog.space import encoder

TITLES = [
    "Rugged canvas backpack", "Leather travel backpacks", "Waxed canvas daypack for hikers",
    "Porcelain tea pot", "Hand painted porcelain teapot", "Glass tea cup with saucer",
    "Steel garden rake", "Wooden garden spade", "Long handled rake for leaves",
]  # fmt: skip


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.fixture(scope="module")
def fitted() -> encoder.HashedEncoder:
    return encoder.fit_encoder(TITLES, seed=1)


def test_alike_titles_are_nearer_than_different_ones(fitted: encoder.HashedEncoder) -> None:
    backpack, backpacks, _, pot, teapot, _, rake, _, leaf_rake = fitted(TITLES)
    assert cosine(backpack, backpacks) > cosine(backpack, pot) + 0.1  # a plural is caught by its characters
    assert cosine(pot, teapot) > cosine(pot, rake) + 0.2
    assert cosine(rake, leaf_rake) > cosine(rake, backpack) + 0.1


def test_equal_texts_and_seed_give_equal_vectors(fitted: encoder.HashedEncoder) -> None:
    again = encoder.fit_encoder(TITLES, seed=1)
    assert np.array_equal(fitted(TITLES), again(TITLES))
    assert np.allclose(fitted(TITLES)[:4], fitted(TITLES[:4]), atol=1e-5)


def test_case_and_punctuation_mean_nothing(fitted: encoder.HashedEncoder) -> None:
    plain, shouted = fitted(["steel garden rake", "STEEL  garden, Rake!"])
    assert np.array_equal(plain, shouted)


def test_what_travels_makes_the_same_vectors(fitted: encoder.HashedEncoder) -> None:
    assert np.array_equal(encoder.restored(fitted.weights)(TITLES), fitted(TITLES))


@pytest.mark.parametrize("text", ["", "...", "🙂", "日本語のタイトル"])
def test_any_text_gives_a_finite_vector(fitted: encoder.HashedEncoder, text: str) -> None:
    assert np.isfinite(fitted([text])).all()


def test_one_text_is_enough_to_fit() -> None:
    assert np.isfinite(encoder.fit_encoder(["lamp"], seed=0)(["lamp", "desk"])).all()


def test_more_texts_than_the_sample_are_encoded_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "SAMPLE", 4)
    monkeypatch.setattr(encoder, "_CHUNK", 2)
    small = encoder.fit_encoder(TITLES, seed=1)
    assert np.allclose(small(TITLES)[5], small([TITLES[5]])[0], atol=1e-5)
