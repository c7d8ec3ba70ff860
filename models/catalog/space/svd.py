"""Leading right singular vectors of a matrix that is only multiplied with: the randomised range finder of
Halko, Martinsson and Tropp 2011."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.arrays import FloatArray

POWER_ITERATIONS: Final = 3
OVERSAMPLED: Final = 16
NEGLIGIBLE: Final = 1e-6
"""Share of the largest eigenvalue below which single precision holds only noise."""


def right_singular_vectors(matrix: Any, rank: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Leading right singular vectors (f, r) of (n, f) `matrix`, at most `rank` of them, each with its largest
    entry positive, and their singular values (r,). Of the matrix it takes `shape`, `T` and `@`."""
    rng = np.random.default_rng(seed)
    probe = rng.standard_normal((matrix.shape[1], min(rank + OVERSAMPLED, *matrix.shape))).astype(np.float32)
    basis, _ = _orthonormal(matrix @ probe)  # (n, p)
    for _ in range(POWER_ITERATIONS):
        basis, _ = _orthonormal(matrix @ _orthonormal(matrix.T @ basis)[0])
    vectors, values = _orthonormal(matrix.T @ basis)
    vectors, values = vectors[:, :rank], values[:rank]
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])
    return np.ascontiguousarray(vectors * signs, np.float32), values


def _orthonormal(columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Left singular vectors and singular values of (n, p) `columns`, largest first, by the small Gram matrix:
    few large products, which share cores well."""
    eigenvalues, directions = np.linalg.eigh((columns.T @ columns).astype(np.float64))  # ascending
    kept = eigenvalues > eigenvalues[-1] * NEGLIGIBLE
    values = np.sqrt(eigenvalues[kept])
    return columns @ (directions[:, kept] / values)[:, ::-1].astype(np.float32), values[::-1].astype(
        np.float32
    )
