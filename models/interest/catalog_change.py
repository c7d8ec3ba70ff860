"""A profile enters a new catalogue artefact: vectors are rotated, interest codes are mapped, the scan starts
anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.interest.detector.shift import clear_scan
from models.interest.profile import (
    CODES,
    DIMENSIONS,
    NO_CODE,
    REGIME_CODES,
    REGIMES,
    RING,
    SUPPRESSED,
)
from models.kernels.compiled import part
from models.kernels.half import float_to_half, half_to_float


@part
def enter_version(row: Any, catalog: Any) -> None:
    """Brings a row to the catalogue's version: from the previous one mapped; from any other vectors and codes
    go, counters stay."""
    if row["head"]["catalog_version"] == catalog.previous and catalog.previous != 0:
        map_row(row, catalog.rotation, catalog.code_map)
    else:
        nowhere = np.full(CODES, -1, np.int16)
        map_row(row, np.zeros((DIMENSIONS, DIMENSIONS), np.float32), nowhere)
        row["m_long"] = row["m_short"] = 0.0
    row["head"]["catalog_version"] = catalog.version


@part
def map_row(row: Any, rotation: Any, code_map: Any) -> None:
    """Everything of a row that lives in the catalogue's space."""
    rotate(row["long"], rotation)
    rotate(row["short"], rotation)
    rotate_direction(row["ref"], rotation)
    map_history(row, code_map)
    for j in range(RING):
        row["ring"][j], row["ring_weight"][j] = mapped(row["ring"][j], row["ring_weight"][j], code_map, 0)
    for j in range(SUPPRESSED):
        row["suppressed"][j], row["suppressed_until"][j] = mapped(
            row["suppressed"][j], row["suppressed_until"][j], code_map, NO_CODE
        )
    for i in range(REGIMES):
        regime = row["regimes"][i]
        for j in range(REGIME_CODES):
            regime["code"][j], regime["weight"][j] = mapped(
                regime["code"][j], regime["weight"][j], code_map, NO_CODE
            )
    row["prev"] = mapped(row["prev"], 0, code_map, NO_CODE)[0]
    clear_scan(row)


@part
def mapped(code: Any, weight: Any, code_map: Any, gone: Any) -> Any:
    """(code, weight) in the new codes; (`gone`, 0) when the code is none or has no successor."""
    if code < CODES and code_map[code] >= 0:
        return np.int64(code_map[code]), np.int64(weight)
    return np.int64(gone), np.int64(0)


@part
def map_history(row: Any, code_map: Any) -> None:
    """Histogram and seen codes; codes that merge add up."""
    moved = np.zeros(CODES)
    seen = np.uint64(0)
    for c in range(CODES):
        if code_map[c] >= 0:
            moved[code_map[c]] += half_to_float(row["hist"][c])
            if row["seen"] >> np.uint64(c) & np.uint64(1) != 0:
                seen |= np.uint64(1) << np.uint64(code_map[c])
    row["seen"] = seen
    mass = 0.0
    for c in range(CODES):
        row["hist"][c] = float_to_half(moved[c])
        mass += half_to_float(row["hist"][c])
    row["hist_mass"] = mass


@part
def rotate(vector: Any, rotation: Any) -> None:
    """vector = rotation @ vector, (64,) u2 halves in place."""
    x = np.zeros(DIMENSIONS)
    for i in range(DIMENSIONS):
        for j in range(DIMENSIONS):
            x[i] += np.float64(rotation[i, j]) * half_to_float(vector[j])
    for i in range(DIMENSIONS):
        vector[i] = float_to_half(x[i])


@part
def rotate_direction(direction: Any, rotation: Any) -> None:
    """The same for the (64,) int8 direction."""
    x = np.zeros(DIMENSIONS)
    for i in range(DIMENSIONS):
        for j in range(DIMENSIONS):
            x[i] += np.float64(rotation[i, j]) * direction[j]
    for i in range(DIMENSIONS):
        direction[i] = min(max(round(x[i]), -127), 127)
