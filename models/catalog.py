"""The catalogue as a versioned artefact: items with vectors, interest codes and prices, and the basis that gave them these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

DIM: Final = 64
"""Dimensions of interest space."""
CODES: Final = 64
"""Most interest codes a catalogue may have; arrays over codes always have this length, unused codes last."""
SEGMENTS: Final = 32
"""Most interest segments."""

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Item:
    """One catalogue row in our words. Money in minor units of `currency`, None = unknown; `valid_until_ms` None = open."""

    item_id: str
    title: str
    url: str
    noun: str
    categories: tuple[str, ...] = ()
    text: str = ""
    price_minor: int | None = None
    salesprice_minor: int | None = None
    currency: str = ""
    available: bool = True
    valid_until_ms: int | None = None
    images: tuple[str, ...] = ()
    category_taxonomy: int | None = None

    @property
    def category(self) -> str:
        """The category that stands first: that of prices and tags; '' = none."""
        return self.categories[0] if self.categories else ""

    @property
    def charged_minor(self) -> int | None:
        """What a buyer pays now: the sales price when there is one."""
        return self.price_minor if self.salesprice_minor is None else self.salesprice_minor


@dataclass(frozen=True, eq=False)
class Basis:
    """What turned texts into vectors when the version was made, kept so that later items land in the same space.

    vector = unit((encode(text) - mean) @ projection). `encoder` names the encoder; `weights` are the built-in one's arrays, empty for an ONNX file.
    """

    encoder: str
    weights: Mapping[str, NDArray[Any]]
    mean: FloatArray  # (e,) mean of the encoder's vectors
    projection: FloatArray  # (e, DIM) principal directions
    price_mean: Mapping[str, float]  # category -> mean of log price
    price_sd: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Catalog:
    """One current version. Rows never move within a version: a removed item keeps its row and is no longer `available`.

    Codes count from 0 to `len(code_names)`; code -1 = no vector. The maps lead from version `previous` (0 = none) to this one.
    """

    version: int
    items: tuple[Item, ...]
    vectors: FloatArray  # (n, DIM), unit norm
    codes: NDArray[np.int16]  # (n,) interest code
    price_z: FloatArray  # (n,) log price in sd of its category, nan unknown
    code_names: tuple[str, ...]  # what a person calls each code
    curated: bool  # codes are the merchant's categories, else clusters
    centroids: FloatArray  # (len(code_names), DIM), unit norm
    segments: FloatArray  # (s <= SEGMENTS, DIM), unit norm
    basis: Basis
    pi: FloatArray  # (CODES,) share of positive events per code
    kernel: FloatArray  # (CODES, CODES) M[c, j] of the detector
    threshold: float  # h of the detector
    previous: int = 0
    rotation: FloatArray = field(default_factory=lambda: np.eye(DIM, dtype=np.float32))  # old vector @ rotation = new vector
    code_map: FloatArray = field(default_factory=lambda: np.eye(CODES, dtype=np.float32))  # old code weights @ code_map = new ones
    index: Mapping[str, int] = field(init=False, repr=False)  # item id -> row

    def __post_init__(self) -> None:
        rows = {item.item_id: row for row, item in enumerate(self.items)}
        object.__setattr__(self, "index", MappingProxyType(rows))
