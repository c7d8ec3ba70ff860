"""The catalogue as a versioned artefact: items with vectors, interest codes and prices, and the basis that
gave them these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import xxhash
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.catalog.codes import MOST_CODES
from models.catalog.complements import no_complements
from models.catalog.prices import PriceCuts
from models.catalog.space.basis import DIM, Basis
from models.catalog.terms import with_later
from models.interest.concentration import concentration_table
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import CatalogArrays, typed_arrays
from models.item import Item


@dataclass(frozen=True, eq=False)
class Catalog:
    """One current version. Rows never move within a version: a removed item keeps its row and is no longer
    `available`.

    Codes count from 0 to `len(code_names)`. The maps lead from version `previous` (0 = none) to this one.
    """

    version: int
    items: tuple[Item, ...]
    vectors: FloatArray  # (n, DIM), unit norm
    codes: NDArray[np.int16]  # (n,) interest code
    price_z: FloatArray  # (n,) standing of the price in its code, nan unknown
    fitted_items: int  # how many items the basis was fitted on
    code_names: tuple[str, ...]  # what a person calls each code
    curated: bool  # codes are the merchant's categories, else clusters
    centroids: FloatArray  # (len(code_names), DIM), unit norm
    segments: FloatArray  # (s <= 32, DIM), unit norm
    basis: Basis
    pi: FloatArray  # (CODES,) share of positive events per code
    kernel: FloatArray  # (CODES, CODES) [code, seen code], columns sum to 1
    detector: DetectorSettings
    price_cuts: PriceCuts
    previous: int = 0
    rotation: FloatArray = field(
        default_factory=lambda: np.eye(DIM, dtype=np.float32)
    )  # rotation @ old vector = new vector
    code_map: NDArray[np.int16] = field(
        default_factory=lambda: np.arange(MOST_CODES, dtype=np.int16)
    )  # old code -> new code, -1 gone
    popularity: FloatArray = field(
        default_factory=lambda: np.zeros(0, np.float32)
    )  # (p <= n,) 0 to 1, of the rows that the version was fitted on; none without a log
    words: NDArray[np.uint64] = field(
        default_factory=lambda: np.zeros((2, 0), np.uint64)
    )  # (2, w) models.catalog.terms: words of the items fitted on, and what they say of codes
    complements: NDArray[np.int32] = field(
        default_factory=lambda: no_complements().rows
    )  # (c <= n, 8) models.catalog.complements: rows, the best first, -1 none; of rows with a log
    complement_shares: FloatArray = field(default_factory=lambda: no_complements().shares)  # of buyers
    index: Mapping[str, int] = field(init=False, repr=False)  # item id -> row

    def __post_init__(self) -> None:
        rows = {item.item_id: row for row, item in enumerate(self.items)}
        object.__setattr__(self, "index", MappingProxyType(rows))

    def all_words(self) -> NDArray[np.uint64]:
        """(2, w): `words`, and those that only items which joined later have. Make it once per catalogue."""
        return with_later(self.words, self.items, self.codes, self.fitted_items)

    def arrays(self) -> CatalogArrays:
        """What the kernels of the profile read. Make it once per catalogue: it copies."""
        centroids = np.zeros((MOST_CODES, DIM), np.float32)
        centroids[: len(self.centroids)] = self.centroids
        arrays = CatalogArrays(
            version=self.version,
            previous=self.previous,
            vectors=self.vectors,
            codes=self.codes,
            price_z=self.price_z,
            item_keys=np.array([item_key(item.item_id) for item in self.items], np.uint32),
            centroids=centroids,
            prior=self.pi,
            kernel=self.kernel,
            concentration=concentration_table(),
            rotation=self.rotation,
            code_map=self.code_map,
        )
        return typed_arrays(arrays)


def item_key(item_id: str) -> int:
    """What a profile row remembers of an item: 32 bits of its hash, never 0 (which means none)."""
    return xxhash.xxh3_64_intdigest(item_id.encode()) & 0xFFFFFFFF or 1
