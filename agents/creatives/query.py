"""What a request asks of the matcher: its interest vector in the catalogue's space, and the terms around
it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import numpy as np

from models.arrays import FloatArray
from models.catalog.codes import MOST_CODES
from models.catalog.version import Catalog
from models.choice.matching import Query
from models.choice.served import WANTED
from streams import records as r


def query_of(request: r.CreativeRequest, catalog: Catalog, now_ms: int) -> Query:
    """What the matcher asks for, in the terms of its catalogue."""
    context = request.context
    suppressed = _suppressed(request, catalog)
    wanted, taken = (
        [row for row in _rows(ids, catalog) if int(catalog.codes[row]) not in suppressed]
        for ids in (request.wanted, request.taken)
    )
    return Query(
        vector=interest_vector(request, catalog),
        now_ms=now_ms,
        slots=tuple(context.slots),
        locale=context.locale,
        country=context.country,
        device=context.device,
        segment=request.segment,
        suppressed=suppressed,
        impressions=request.caps,
        wanted=catalog.vectors[wanted],
        taken=frozenset(_rows([*request.wanted, *request.taken], catalog)),
        newest=tuple((wanted or taken)[:WANTED]),
        tier=request.tier,
        spending=request.spending_minor,
        currency=request.currency or "",
        leaning=_leaning(request, catalog),
    )


def _leaning(request: r.CreativeRequest, catalog: Catalog) -> FloatArray | None:
    """By the names of codes, so that another version reads what it knows; None where nothing is said."""
    if not request.leaning:
        return None
    leaning = np.zeros(MOST_CODES, np.float32)
    for each in request.leaning:
        if each.name in catalog.code_names:
            leaning[catalog.code_names.index(each.name)] = each.weight
    return leaning


def interest_vector(request: r.CreativeRequest, catalog: Catalog) -> FloatArray:
    """The served vector (64,) in the space of `catalog`; from the names of the top interests when its version
    is too far away."""
    vector = decode_vector(request.vector)
    if request.catalog_version == catalog.previous:
        vector = (catalog.rotation @ vector).astype(np.float32)
    known = request.catalog_version in (catalog.version, catalog.previous)
    if known and np.any(vector):
        return vector
    rows = [
        (catalog.code_names.index(each.name), each.weight)
        for each in request.top
        if each.name in catalog.code_names
    ]
    mean = sum((weight * catalog.centroids[code] for code, weight in rows), np.zeros_like(vector))
    norm = float(np.linalg.norm(mean))
    return (mean / norm).astype(np.float32) if norm else vector


def decode_vector(text: str) -> FloatArray:
    """base64 of float16 (64,) as float32; '' is all zeros. Raises ValueError for anything else."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"vector is not base64: {error}") from None
    if not raw:
        return np.zeros(64, np.float32)
    if len(raw) != 128:
        raise ValueError(f"vector has {len(raw)} bytes: give 64 float16 values")
    vector = np.frombuffer(raw, "<f2").astype(np.float32)
    if not np.isfinite(vector).all():
        raise ValueError("vector holds a value that is not finite")
    return vector


def _rows(item_ids: Sequence[str], catalog: Catalog) -> list[int]:
    """Of those that this version knows."""
    return [catalog.index[item_id] for item_id in item_ids if item_id in catalog.index]


def _suppressed(request: r.CreativeRequest, catalog: Catalog) -> frozenset[int]:
    if request.catalog_version != catalog.previous:
        return frozenset(request.suppressed)
    inside = [code for code in request.suppressed if 0 <= code < len(catalog.code_map)]
    return frozenset(int(catalog.code_map[code]) for code in inside) - {-1}
