"""Interest codes: which of at most 64 tastes an item speaks to, what a person calls it, and how codes begin
in the detector."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray
from models.item import Item

MOST_CODES: Final = 64
"""Most interest codes a catalogue may have; arrays over codes always have this length, unused codes last."""
CURATED_FROM: Final = 20
"""Fewer categories than this are too coarse to show a shift: items are clustered instead."""
ITEMS_PER_CODE: Final = 4
"""A clustered catalogue has on average at least so many items to a code: a code is a taste, not an item."""
PI_FLOOR: Final = 1e-4
ETA: Final = 0.2
"""Share of a clustered code's mass that the kernel lends to near codes: cluster borders are arbitrary,
curated ones are meant."""
KERNEL_TEMPERATURE: Final = 0.1

_TERM = re.compile(r"[^\W\d_]{3,}")
_STOP = frozenset(
    (
        "and",
        "are",
        "but",
        "for",
        "from",
        "has",
        "her",
        "his",
        "its",
        "not",
        "our",
        "set",
        "the",
        "this",
        "that",
        "with",
        "you",
        "your",
    )
)


def curated_categories(items: Sequence[Item]) -> tuple[str, ...]:
    """The merchant's categories in order of name when their number lets them serve as codes, else ()."""
    names = tuple(sorted({item.category for item in items if item.category}))
    return names if CURATED_FROM <= len(names) <= MOST_CODES else ()


def clusters_for(n_items: int) -> int:
    """How many codes to cluster `n_items` into."""
    return max(1, min(MOST_CODES, n_items // ITEMS_PER_CODE))


def code_shares(codes: NDArray[np.integer]) -> FloatArray:
    """pi of a catalogue nobody has clicked yet: each code's share of items, floored, summing to 1;
    (CODES,)."""
    counts = np.bincount(codes, minlength=MOST_CODES)
    shares = np.maximum(counts / max(counts.sum(), 1), PI_FLOOR)
    return (shares / shares.sum()).astype(np.float32)


def cold_kernel(centroids: FloatArray, eta: float) -> FloatArray:
    """M[c, j] = (1 - eta) [c = j] + eta P(c | j), with P from the likeness of centroids (k, d) until clicks
    tell; (CODES, CODES)."""
    k = len(centroids)
    likeness = np.exp((centroids @ centroids.T - 1) / KERNEL_TEMPERATURE)
    kernel = np.eye(MOST_CODES)
    kernel[:k, :k] = (1 - eta) * kernel[:k, :k] + eta * likeness / likeness.sum(axis=0)
    return kernel.astype(np.float32)


def code_names(items: Sequence[Item], codes: NDArray[np.integer], used: int) -> tuple[str, ...]:
    """A name per cluster: the two title terms that mark it most (count in it times log of how few clusters
    have them), all different."""
    terms = [Counter[str]() for _ in range(used)]
    for item, code in zip(items, codes, strict=True):
        terms[code].update(set(_TERM.findall(f"{item.title} {item.noun}".casefold())) - _STOP)
    spread = Counter(term for counts in terms for term in counts)
    names: list[str] = []
    for code, counts in enumerate(terms):
        marks = {term: n * np.log(1 + used / spread[term]) for term, n in counts.items()}
        name = " & ".join(sorted(marks, key=lambda term: (-marks[term], term))[:2]) or f"interest {code}"
        names.append(f"{name} {code}" if name in names else name)
    return tuple(names)
