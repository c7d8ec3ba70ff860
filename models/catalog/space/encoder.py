"""Texts to vectors without weights from elsewhere: hashed word and character n-grams, truncated SVD fitted on
the catalogue.

Feature hashing with signs after Weinberger et al. 2009; latent semantic analysis after Deerwester et al.
1990. Equal texts and seed give equal
vectors on every machine with the same BLAS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import xxhash
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.catalog.space.svd import right_singular_vectors

NAME: Final = "hashed"
FEATURES: Final = 8192
"""Hash slots, a power of two. Collisions are signed, so they cancel on average."""
RANK: Final = 128
"""Dimensions the SVD keeps; the catalogue's PCA goes on to 64."""
SAMPLE: Final = 8192
"""Most texts the SVD is fitted on (evenly spaced when there are more): its dense matrix is then at most 256
MB."""
_CHUNK: Final = 256
"""Texts expanded to dense rows at a time."""
CHARACTERS: Final = 3
"""Length of a character n-gram: they catch plurals and spelling."""

_WORD = re.compile(r"[^\W_]+")


class TextEncoder(Protocol):
    """Texts -> float32 (n, e). `name` says which encoder it is, `weights` what must be kept to make the same
    vectors again."""

    @property
    def name(self) -> str: ...

    @property
    def weights(self) -> Mapping[str, NDArray[Any]]: ...

    def __call__(self, texts: Sequence[str]) -> FloatArray: ...


@dataclass(frozen=True, eq=False)
class HashedEncoder:
    """The built-in encoder: unit tf-idf rows of hashed n-grams times `components`."""

    idf: FloatArray  # (FEATURES,)
    components: FloatArray  # (FEATURES, r) right singular vectors
    name: str = NAME

    @property
    def weights(self) -> Mapping[str, NDArray[Any]]:
        return {"idf": self.idf, "components": self.components.astype(np.float16)}

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        encoded = np.zeros((len(texts), self.components.shape[1]), np.float32)
        for start, rows in _dense(texts):
            encoded[start : start + len(rows)] = _unit(rows * self.idf) @ self.components
        return encoded


class NoWordsError(ValueError):
    """No text holds a word: there is nothing to tell one from another by."""


def restored(weights: Mapping[str, NDArray[Any]]) -> HashedEncoder:
    """The built-in encoder from what `HashedEncoder.weights` gave."""
    return HashedEncoder(weights["idf"].astype(np.float32), weights["components"].astype(np.float32))


def fit_encoder(texts: Sequence[str], *, seed: int, rank: int = RANK) -> HashedEncoder:
    """Fit idf and the leading right singular vectors on `texts` (at least one). Raises NoWordsError."""
    sample = [
        texts[i] for i in np.unique(np.linspace(0, len(texts) - 1, min(len(texts), SAMPLE)).astype(int))
    ]
    counts = np.concatenate([rows for _, rows in _dense(sample)])
    if not counts.any():
        raise NoWordsError
    present = np.count_nonzero(counts, axis=0)
    idf = (np.log((1 + len(sample)) / (1 + present)) + 1).astype(np.float32)
    components, _ = right_singular_vectors(_unit(counts * idf), min(rank, len(sample)), seed)
    # What is kept is half precision: fit and later use must not differ.
    return HashedEncoder(idf, components.astype(np.float16).astype(np.float32))


def _dense(texts: Sequence[str]) -> Iterator[tuple[int, FloatArray]]:
    """Signed gram counts, damped by the square root, as dense rows (<= CHUNK, FEATURES), with the index of
    the first."""
    known: dict[str, NDArray[np.uint64]] = {}
    for start in range(0, len(texts), _CHUNK):
        chunk = texts[start : start + _CHUNK]
        counted = [np.unique(_text_grams(text, known), return_counts=True) for text in chunk]
        rows = np.repeat(np.arange(len(chunk)), [len(hashes) for hashes, _ in counted])
        hashes = np.concatenate([hashes for hashes, _ in counted])
        weights = np.sqrt(np.concatenate([times for _, times in counted]))
        yield start, _scattered(hashes, weights, rows, len(chunk))


def _text_grams(text: str, known: dict[str, NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Hashes of the words, their character n-grams and the pairs of neighbouring words of `text`; `known`
    remembers words."""
    words = _WORD.findall(text.casefold())
    for word in words:
        if word not in known:
            known[word] = _word_grams(word)
    grams = [known[word] for word in words]
    heads = np.array([word[0] for word in grams], np.uint64)
    return np.concatenate([*grams, heads[:-1] * np.uint64(0x9E3779B97F4A7C15) + heads[1:]])


def _word_grams(word: str) -> NDArray[np.uint64]:
    """Hashes of the word and of its character n-grams, the word's own first."""
    framed = f"<{word}>"
    pieces = [f"~{framed[i : i + CHARACTERS]}" for i in range(len(framed) - CHARACTERS + 1)]
    return np.array([xxhash.xxh3_64_intdigest(gram.encode()) for gram in (word, *pieces)], np.uint64)


def _scattered(
    hashes: NDArray[np.uint64], weights: NDArray[np.float64], rows: NDArray[np.int64], n: int
) -> FloatArray:
    slots = (hashes & np.uint64(FEATURES - 1)).astype(np.int64)
    signs = np.where(hashes >> np.uint64(63), 1.0, -1.0)
    return (
        np.bincount(rows * FEATURES + slots, weights * signs, n * FEATURES)
        .reshape(n, FEATURES)
        .astype(np.float32)
    )


def _unit(rows: FloatArray) -> FloatArray:
    """Rows scaled to length one; a zero row stays zero."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.maximum(norms, np.float32(1e-12))).astype(np.float32)
