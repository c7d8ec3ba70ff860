"""What a seed paints is the same on any machine, within one rounding."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.scene.golden_grounds import GOLDEN, SEEDS, grounds


def test_grounds_are_those_of_their_seeds_within_one_rounding() -> None:
    with np.load(GOLDEN) as golden:
        painted = grounds()
        assert painted.keys() == set(golden.files)
        for name, now in painted.items():
            apart = np.abs(now.astype(np.int16) - golden[name].astype(np.int16))
            assert apart.max() <= 1, f"{name}: {apart.max()} apart at {(apart > 1).any(axis=2).sum()} pixels"


@pytest.mark.parametrize("kind", ["arch", "disc", "circles", "pattern"])
def test_another_seed_paints_another_ground(kind: str) -> None:
    painted = grounds()
    kinds = {painted[f"{kind} {seed}"].tobytes() for seed in SEEDS}
    assert len(kinds) > 1
