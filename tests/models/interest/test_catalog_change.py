"""Profiles follow the catalogue from version to version."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from models.event.layout import EventKind, Purpose, empty_events
from models.interest.catalog_change import map_row
from models.interest.detector.shift import DEAD_SCORE, DetectorSettings
from models.interest.profile import CODES, NO_CODE, empty_profiles
from models.interest.update import update_profiles
from tests.models.streams_of_events import random_events, small_catalog


@njit
def migrate_catalog(rows: Any, rotation: Any, code_map: Any, new_version: int) -> None:
    for row in rows:
        map_row(row, rotation, code_map)
        row["head"]["catalog_version"] = new_version


def rotation(seed: int) -> np.ndarray:
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(64, 64)))
    return q.astype(np.float32)


def test_one_version_on_everything_is_mapped() -> None:
    old = small_catalog()
    rows = empty_profiles(8)
    update_profiles(rows, random_events(1_000), old, DetectorSettings(threshold=4.0))
    code_map = (np.arange(CODES) + 1).astype(np.int16)
    code_map[63], code_map[5] = -1, -1
    before = rows.copy()
    turned = rotation(1)
    migrate_catalog(rows, turned, code_map, 2)
    for row, was in zip(rows, before, strict=True):
        assert row["head"]["catalog_version"] == 2
        np.testing.assert_allclose(
            row["long"].view(np.float16), turned @ was["long"].view(np.float16).astype(float), atol=2e-3
        )
        assert row["hist"][1:6].tolist() == was["hist"][:5].tolist() and row["hist"][6] == 0
        assert np.isclose(row["hist_mass"], row["hist"].view(np.float16).astype(float).sum())
        gone = was["ring"] == 5
        assert (row["ring_weight"][gone] == 0).all() and (row["ring"][~gone] == was["ring"][~gone] + 1).all()
        assert (row["scan"].view(np.float16) == DEAD_SCORE).all()
        assert row["prev"] == (NO_CODE if was["prev"] in (5, NO_CODE) else was["prev"] + 1)
        for name in ("n_pos", "n_imp", "freq", "hours", "top_item", "t_ref", "m_long"):
            assert np.array_equal(row[name], was[name]), name


def test_a_row_is_mapped_when_next_touched_and_forgets_after_two_versions() -> None:
    rows = empty_profiles(8)
    update_profiles(rows, random_events(600), small_catalog(), DetectorSettings())
    page = empty_events(1)
    page["kind"], page["purposes"], page["user"] = EventKind.PAGE, Purpose.PROFILE, 3
    page["ts"] = rows[3]["t_seen"]
    near, far = rows.copy(), rows.copy()
    update_profiles(
        near, page, small_catalog(version=2, previous=1, rotation=rotation(2)), DetectorSettings()
    )
    by_hand = rows.copy()
    migrate_catalog(by_hand[3:4], rotation(2), np.arange(CODES, dtype=np.int16), 2)
    for name in ("long", "short", "ref", "hist", "ring", "seen", "regimes", "suppressed"):
        assert near[3][name].tobytes() == by_hand[3][name].tobytes(), name
    update_profiles(far, page, small_catalog(version=3, previous=2), DetectorSettings())
    assert (
        far[3]["m_long"] == far[3]["hist_mass"] == far[3]["seen"] == 0
        and not far[3]["long"].view(np.float16).any()
    )
    assert far[3]["n_pos"] == rows[3]["n_pos"] and far[3]["head"]["catalog_version"] == 3
    assert near[:3].tobytes() == rows[:3].tobytes()
