"""Seeded k-means on unit vectors: nearness is the dot product, so a centroid is a direction."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray

ITERATIONS: Final = 50


def nearest_centroid(vectors: FloatArray, centroids: FloatArray) -> NDArray[np.int64]:
    """Index of the nearest centroid (k, d) of each vector (n, d), the lowest of equals; (n,)."""
    return np.argmax(vectors @ centroids.T, axis=1)


def k_means(
    vectors: FloatArray,
    k: int,
    seed: int,
    start: FloatArray | None = None,
    weight: NDArray[np.floating] | None = None,
) -> FloatArray:
    """At most `k` unit centroids (fewer when there are fewer distinct vectors) of unit `vectors` (n, d), n >=
    1, each as often as its `weight` (n,) says, above 0.

    Begins from `start` (k, d) when given, so that clusters keep their number from one fit to the next; else
    from k-means++ seeding (Arthur and Vassilvitskii 2007). A cluster that loses all its vectors restarts at
    the vector farthest from its centroid.
    """
    weight = np.ones(len(vectors)) if weight is None else weight
    centroids = _seeded(vectors, k, np.random.default_rng(seed), weight) if start is None else start
    labels = nearest_centroid(vectors, centroids)
    for _ in range(ITERATIONS):
        centroids = means(vectors, labels, len(centroids), weight)
        for empty in np.flatnonzero(np.bincount(labels, minlength=len(centroids)) == 0):
            centroids[empty] = vectors[np.argmin(np.max(vectors @ centroids.T, axis=1))]
        settled = nearest_centroid(vectors, centroids)
        if np.array_equal(settled, labels):
            break
        labels = settled
    return centroids


def means(
    vectors: FloatArray, labels: NDArray[np.integer], k: int, weight: NDArray[np.floating] | None = None
) -> FloatArray:
    """Unit mean direction of the vectors of each label 0..k-1; zero where a label has none; (k, d)."""
    sums = np.zeros((k, vectors.shape[1]), np.float64)
    np.add.at(sums, labels, vectors if weight is None else vectors * weight[:, None])
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.divide(sums, norms, out=np.zeros_like(sums), where=norms > 1e-9).astype(np.float32)


def _seeded(
    vectors: FloatArray, k: int, rng: np.random.Generator, weight: NDArray[np.floating]
) -> FloatArray:
    chosen = [int(rng.integers(len(vectors)))]
    distance = _distance(vectors, vectors[chosen[0]])
    while len(chosen) < k and distance.max() > 1e-6:
        ladder = np.cumsum(distance * weight, dtype=np.float64)
        chosen.append(int(np.searchsorted(ladder, rng.random() * ladder[-1], side="right")))
        distance = np.minimum(distance, _distance(vectors, vectors[chosen[-1]]))
    return vectors[chosen].copy()


def _distance(vectors: FloatArray, centre: FloatArray) -> FloatArray:
    """Squared distance on the unit sphere is 2 - 2 cos; half of it."""
    return np.maximum(1 - vectors @ centre, 0)
