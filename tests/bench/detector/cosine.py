"""The usual trigger, for comparison: an exponentially weighted mean of item vectors against its value at the
newest creative."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.interest.detector.shift import DetectorSettings
from models.interest.profile import CatalogArrays
from tests.bench.detector.streams import Stream


@njit(cache=True)
def cosine_triggers(
    user: Any,
    ts: Any,
    item: Any,
    vectors: Any,
    factor: Any,
    threshold: Any,
    warm_up: Any,
    cooldown: Any,
    cooldown_ms: Any,
) -> Any:
    """The usual trigger: EWMA of item vectors against its value at the newest creative, same warm-up and
    cooldowns."""
    found = np.zeros(user.size, np.bool_)
    mean = np.zeros(vectors.shape[1])
    reference = np.zeros(vectors.shape[1])
    seen = cool = 0
    newest = np.int64(0)
    for i in range(user.size):
        if i == 0 or user[i] != user[i - 1]:
            mean[:] = 0.0
            seen = cool = 0
        share = max(factor, 1.0 / (1.0 + seen))
        for k in range(mean.size):
            mean[k] += share * (vectors[item[i], k] - mean[k])
        seen += 1
        if seen == warm_up:
            reference[:] = mean
            cool, newest = cooldown, ts[i]
            continue
        if cool > 0:
            cool -= 1
            continue
        if seen < warm_up or ts[i] - newest < cooldown_ms:
            continue
        dot = a = b = 0.0
        for k in range(mean.size):
            dot += mean[k] * reference[k]
            a += mean[k] * mean[k]
            b += reference[k] * reference[k]
        if 1.0 - dot / np.sqrt(a * b) > threshold:
            found[i] = True
            reference[:] = mean
            cool, newest = cooldown, ts[i]
    return np.flatnonzero(found)


def by_cosine(
    one: Stream, catalog: CatalogArrays, settings: DetectorSettings, factor: float, threshold: float
) -> NDArray[np.int64]:
    events = one.events
    columns = (np.ascontiguousarray(events[name]) for name in ("user", "ts", "item"))
    limits = (settings.warm_up, settings.cooldown_events, settings.cooldown_ms)
    return np.asarray(cosine_triggers(*columns, catalog.vectors, factor, threshold, *limits))
