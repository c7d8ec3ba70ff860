"""Random but reproducible events of a few users whose interests move, over a small catalogue."""

from __future__ import annotations

import numpy as np

from models.arrays import Rows
from models.event.layout import EventKind, empty_events
from models.interest.profile import CatalogArrays, plain_arrays, typed_arrays

BEGIN_MS = 1_760_000_000_000
DAY_MS = 86_400_000
GROUPS = 20


def small_catalog(seed: int = 0, items: int = 200, **changes: object) -> CatalogArrays:
    rng = np.random.default_rng(seed)
    codes = np.arange(items) % GROUPS
    x = rng.normal(size=(GROUPS, 64))[codes] + 0.5 * rng.normal(size=(items, 64))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    plain = plain_arrays(x, codes)
    return typed_arrays(plain._replace(price_z=rng.normal(size=items), **changes))  # type: ignore[arg-type]


def random_events(n: int, users: int = 8, seed: int = 0, items: int = 200) -> Rows:
    rng = np.random.default_rng(seed)
    events = empty_events(n)
    kinds = [
        EventKind.IMPRESSION,
        EventKind.CLICK,
        EventKind.CONVERSION,
        EventKind.CART,
        EventKind.DWELL,
        EventKind.HIDE,
        EventKind.LIKE,
        EventKind.CONSENT,
        EventKind.ERASE,
    ]
    events["kind"] = rng.choice(kinds, n, p=[0.2, 0.5, 0.1, 0.05, 0.05, 0.02, 0.05, 0.02, 0.01])
    events["user"] = rng.integers(0, users, n)
    events["purposes"] = np.where(rng.random(n) < 0.97, 15, rng.integers(0, 16, n))
    events["status"] = rng.choice([0, 1, 2, 3], n, p=[0.94, 0.02, 0.02, 0.02])
    favourite = (events["user"] + 3 * (np.arange(n) * 6 // n)) % GROUPS
    events["item"] = np.where(
        rng.random(n) < 0.85,
        favourite + GROUPS * rng.integers(0, items // GROUPS, n),
        rng.integers(-1, items, n),
    )
    events["ts"] = (
        BEGIN_MS
        + np.sort(rng.integers(0, 10 * DAY_MS, n))
        - rng.choice([0, 0, 0, DAY_MS // 8, 2 * DAY_MS], n)
    )
    events["offset"] = np.arange(n)
    events["source"] = rng.integers(0, 6, n)
    events["dwell_ms"] = rng.integers(0, 60_000, n)
    events["value_minor"] = rng.integers(-5, 10_000, n)
    events["hour"], events["weekday"] = rng.integers(0, 24, n), rng.integers(0, 7, n)
    events["device"], events["geo"] = rng.integers(0, 9, n), rng.integers(0, 3, n)
    events["currency"] = rng.choice([1, 1, 1, 2], n)
    return events
