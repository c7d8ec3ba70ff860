"""Each of two users counts by what stands behind his interests."""

from __future__ import annotations

import numpy as np
import pytest

from models.interest.decay import LONG
from models.linked.merging import mass_at, merged_shares, merged_vector

X = np.eye(64, dtype=np.float32)


def test_a_vector_lies_nearer_to_the_heavier() -> None:
    mixed = merged_vector(X[0], 3.0, X[1], 1.0)
    assert np.linalg.norm(mixed) == pytest.approx(1) and mixed[0] == pytest.approx(3 * mixed[1])
    assert merged_vector(X[0], 3.0, X[1], 0.0).tolist() == X[0].tolist()
    assert merged_vector(X[0], 1.0, -X[0], 1.0).tolist() == X[0].tolist(), "what cancels out changes nothing"
    assert merged_vector(X[0], 0.0, X[1], 0.0).tolist() == X[0].tolist()


def test_shares_add_up_by_mass_strongest_first() -> None:
    merged = merged_shares([("a", 0.5), ("b", 0.5)], 3.0, [("b", 0.2), ("c", 0.8)], 1.0, 6)
    assert [name for name, _ in merged] == ["b", "a", "c"]
    assert dict(merged) == pytest.approx({"a": 0.375, "b": 0.425, "c": 0.2})
    assert merged_shares([("b", 1.0)], 0.0, [("a", 1.0)], 0.0, 1) == [("a", 0.5)]


def test_a_mass_fades_from_when_it_was_said() -> None:
    assert mass_at(8.0, 0, LONG) == pytest.approx(4.0) and mass_at(8.0, LONG, 0) == 8.0
