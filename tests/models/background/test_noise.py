"""Noise is normal, and the same wherever it is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from models.background.noise import normals, uniforms


def test_the_mixer_is_splitmix64() -> None:
    first = int(uniforms(1234567, 1)[0] * 2**53) - 1
    assert first == 6457827717110365317 >> 11, "the first number of the published generator for this seed"


def test_it_is_normal_and_follows_from_the_seed() -> None:
    drawn = normals(5, (4, 100, 100)).astype(np.float64)
    assert drawn.mean() == pytest.approx(0, abs=0.02) and drawn.std() == pytest.approx(1, abs=0.02)
    assert (drawn**4).mean() == pytest.approx(3, abs=0.15) and np.isfinite(drawn).all()
    assert (normals(5, (4, 100, 100)) == drawn).all() and (normals(6, (4, 100, 100)) != drawn).any()
