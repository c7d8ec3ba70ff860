"""What others may read of a profile row: the vector to match with, interests, items, tiers, and a description
for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import Row
from models.interest.decay import DAY, LONG, SHORT_HALF_LIFE, decay
from models.interest.profile import CODES, HAS_CREATIVE, NO_CODE, RING, TOP_ITEMS
from models.interest.taste import TOP_HALF_LIFE
from models.segments import segment_name

if TYPE_CHECKING:
    from models.catalog.version import Catalog

PRIOR_MASS: Final = 3.0
"""Mass of the start in the served vector: own positives outweigh it, and as a profile fades it slides back
by itself."""
WANTED: Final = 7
"""Items that tell what is wanted now: what was taken before them says next to nothing of it."""
TIER_EDGES: Final = (-1.0, -0.3, 0.3, 1.0)
"""Price z between tiers 1 (cheapest) to 5."""


def served_vector(row: Row, start: NDArray[np.float32], now_ms: int) -> NDArray[np.float32]:
    """Unit vector (64,) float32 to match items with: the short mean shrunk to the long one, and that to where
    the user starts: a portrait's vector, else his segment's mean."""
    age = now_ms - int(row["t_ref"])
    base = _shrink(row["long"], float(row["m_long"]) * decay(age, LONG), start)
    mixed = _shrink(row["short"], float(row["m_short"]) * decay(age, SHORT_HALF_LIFE), base)
    norm = float(np.linalg.norm(mixed))
    return np.asarray(mixed / norm if norm > 0 else mixed, np.float32)


def _shrink(half: Any, mass: float, prior: Any) -> Any:
    return (mass * half.view(np.float16).astype(np.float64) + PRIOR_MASS * prior) / (mass + PRIOR_MASS)


def nearest_segment(row: Row, segments: NDArray[np.float32]) -> int:
    """Index of the segment mean (s, 64) nearest to the long vector; -1 for a user without one."""
    if not float(row["m_long"]) > 0 or len(segments) == 0:
        return -1
    return int(np.argmax(segments @ row["long"].view(np.float16).astype(np.float32)))


def top_codes(row: Row, now_ms: int, most: int = 6) -> list[tuple[int, float]]:
    """(code, share) of what the user likes since the last shift, strongest first, hidden codes left out."""
    weights = row["hist"].view(np.float16).astype(np.float64)
    weights[list(suppressed_codes(row, now_ms))] = 0
    total = weights.sum()
    order = np.argsort(-weights, kind="stable")[:most]
    return [(int(code), float(weights[code] / total)) for code in order if weights[code] > 0]


def suppressed_codes(row: Row, now_ms: int) -> set[int]:
    """Codes the user hid less than 30 days ago."""
    current = (row["suppressed"] != NO_CODE) & (row["suppressed_until"] > now_ms // DAY)
    return {int(code) for code in row["suppressed"][current] if code < CODES}


def top_items(row: Row, now_ms: int) -> list[tuple[int, float]]:
    """(CatalogArrays.item_keys value, decayed weight) of the user's items, strongest first."""
    found = [
        (int(row["top_item"][i]), 2.0 ** (float(row["top_score"][i]) - now_ms / TOP_HALF_LIFE))
        for i in range(TOP_ITEMS)
    ]
    return sorted((pair for pair in found if pair[0] != 0), key=lambda pair: (-pair[1], pair[0]))


def newest_items(row: Row, fire: Row) -> tuple[list[int], list[int]]:
    """CatalogArrays.item_keys values of the user's newest positives, newest first: of those since the
    interest changed by this FIRE, at most WANTED, and of the others. Unknown items are left out."""
    slot = int(fire["change_slot"])
    since = RING if slot < 0 else RING - slot
    keys = [key for key in row["newest"].tolist() if key]
    wanted = [key for key, age in zip(keys, row["newest_age"].tolist(), strict=False) if age <= since]
    return wanted[:WANTED], [key for key in keys if key not in wanted[:WANTED]]


def tier(row: Row) -> int:
    """Price tier 1 (cheap for its category) to 5 of what the user chooses; 0 unknown."""
    if row["n_price"] == 0:
        return 0
    return 1 + int(np.searchsorted(TIER_EDGES, float(row["price_mean"].view(np.float16)), side="right"))


def spending_power(row: Row) -> float | None:
    """Typical value of one conversion in minor units of row["currency"] (geometric mean); None without
    one."""
    return math.exp(float(row["spend"].view(np.float16))) if row["n_spend"] else None


def staleness(row: Row, served: NDArray[np.float32]) -> float:
    """1 - cosine between what is served now and what the newest creative was made for; 0 before the first."""
    ref = row["ref"].astype(np.float64)
    norm = float(np.linalg.norm(ref))
    return 0.0 if norm == 0 else 1.0 - float(ref @ served) / norm


def is_bot(row: Row, now_ms: int) -> bool:
    """Whether the user counts as a bot: no detector, no triggers."""
    return bool(now_ms // 60_000 < row["bot_until"])


def describe(row: Row, catalog: Catalog, now_ms: int) -> dict[str, object]:
    """The row for people (show-user, access export): names instead of numbers, no vectors."""
    names = catalog.code_names
    by_key = {
        int(key): item.item_id for key, item in zip(catalog.arrays().item_keys, catalog.items, strict=True)
    }
    return {
        "newest_event_ms": int(row["t_seen"]),
        "newest_trigger_ms": int(row["t_trig"]),
        "triggers": int(row["n_trig"]),
        "regime": int(row["regime"]),
        "has_creative": bool(row["head"]["flags"] & HAS_CREATIVE),
        "bot": is_bot(row, now_ms),
        "counts": {name: int(row[f"n_{name}"]) for name in ("imp", "click", "conv", "pos", "hide")},
        "interests": [
            {"name": names[code], "share": round(share, 4)}
            for code, share in top_codes(row, now_ms)
            if code < len(names)
        ],
        "hidden": sorted(names[code] for code in suppressed_codes(row, now_ms) if code < len(names)),
        "items": [
            {"item_id": by_key[key], "weight": round(weight, 4)}
            for key, weight in top_items(row, now_ms)
            if key in by_key
        ],
        "segment": segment_name(int(row["audience"]) - 1) if row["audience"] else None,
        "price_tier": tier(row),
        "spending_minor": spending_power(row),
        "positives": {
            span: round(float(count), 3)
            for span, count in zip(("1h", "1d", "7d", "30d"), row["freq"], strict=True)
        },
        "hours": row["hours"].tolist(),
        "weekdays": row["weekdays"].tolist(),
        "devices": row["devices"].tolist(),
        "concentration": float(row["concentration"].view(np.float16)),
    }
