from __future__ import annotations

import numpy as np
import pytest

from models.catalog.clusters import k_means, means, nearest_centroid


def cloud(k: int = 6, each: int = 40, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = np.linalg.qr(rng.standard_normal((16, 16)))[0][:k]
    labels = np.repeat(np.arange(k), each)
    points = centres[labels] + 0.1 * rng.standard_normal((k * each, 16))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32), labels


def test_separate_clouds_are_found_whole() -> None:
    points, labels = cloud()
    found = nearest_centroid(points, k_means(points, 6, seed=0))
    pairs = {(a, b) for a, b in zip(labels.tolist(), found.tolist(), strict=True)}
    assert len(pairs) == 6


def test_the_same_seed_gives_the_same_centroids() -> None:
    points, _ = cloud()
    assert np.array_equal(k_means(points, 5, seed=2), k_means(points, 5, seed=2))


def test_a_start_keeps_the_numbers() -> None:
    points, _ = cloud()
    first = k_means(points, 6, seed=0)
    again = k_means(points[::-1].copy(), 6, seed=9, start=first)
    assert np.allclose(first, again, atol=1e-5)


def test_fewer_distinct_vectors_than_clusters() -> None:
    points = np.eye(4, dtype=np.float32)[[0, 0, 1, 1, 1]]
    assert len(k_means(points, 4, seed=0)) == 2


def test_a_cluster_that_starts_empty_finds_work() -> None:
    points, _ = cloud(k=3)
    start = np.stack([points[0], points[45], -points[0]])
    found = nearest_centroid(points, k_means(points, 3, seed=0, start=start))
    assert len(np.unique(found)) == 3


@pytest.mark.parametrize("label", [0, 1])
def test_means_have_length_one_or_zero(label: int) -> None:
    points, _ = cloud(k=1)
    lengths = np.linalg.norm(means(points, np.full(len(points), label), 2), axis=1)
    assert lengths[label] == pytest.approx(1, abs=1e-5)
    assert lengths[1 - label] == 0


def test_a_centroid_is_where_the_weight_is() -> None:
    points = np.eye(3, dtype=np.float32)[[0, 1]]
    light, heavy = (k_means(points, 1, 0, weight=np.array([1.0, w]))[0] for w in (1.0, 9.0))
    assert light[0] == pytest.approx(light[1]) and heavy[1] > 5 * heavy[0]
    np.testing.assert_array_equal(k_means(points, 1, 0), light[None])
