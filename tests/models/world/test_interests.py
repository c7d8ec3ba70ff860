"""The simulated world is what its description says."""

from __future__ import annotations

import numpy as np
import pytest

from models.world.interests import AFTERMATH, WARM_UP_EVENTS, Shift, draw_geometry, draw_population, zipf


@pytest.mark.parametrize("shift", list(Shift))
def test_populations_are_ordered_and_changes_leave_room(shift: Shift) -> None:
    people = draw_population(np.random.default_rng(1), 150, shift, zipf(50, 0.7))
    lengths = np.diff(people.start)
    assert lengths.min() >= WARM_UP_EVENTS and lengths.sum() == len(people.user)
    same = people.user[1:] == people.user[:-1]
    assert (np.diff(people.ts)[same] >= 0).all()
    assert ((np.diff(people.ts) > 30 * 60_000) == (np.diff(people.session) == 1))[same].all()
    if shift is Shift.NONE:
        assert (people.change == -1).all()
    else:
        assert (people.change >= WARM_UP_EVENTS).all() and (lengths - people.change >= AFTERMATH).all()


def test_an_abrupt_shift_changes_what_users_want() -> None:
    rng = np.random.default_rng(2)
    for shift, low, high in ((Shift.ABRUPT, 0.6, 1.0), (Shift.NONE, 0.0, 0.6)):
        people = draw_population(rng, 200, shift, zipf(50, 0.7))
        apart = []
        for user in range(200):
            own = people.category[people.start[user] : people.start[user + 1]]
            middle = people.change[user] if shift is Shift.ABRUPT else len(own) // 2
            before, after = (
                np.bincount(part, minlength=50) / len(part) for part in (own[:middle], own[middle:])
            )
            apart.append(0.5 * np.abs(before - after).sum())
        assert low < np.median(apart) < high


def test_items_lie_nearest_to_their_own_category() -> None:
    rng = np.random.default_rng(3)
    geometry = draw_geometry(rng, items=1_000, categories=10, groups=5)
    np.testing.assert_allclose(np.linalg.norm(geometry.vectors, axis=1), 1, rtol=1e-5)
    centres = np.array([geometry.vectors[geometry.category == c].mean(axis=0) for c in range(10)])
    assert (np.argmax(geometry.vectors @ centres.T, axis=1) == geometry.category).mean() > 0.9
    chosen = geometry.choose(rng, np.array([3] * 500 + [4] * 500))
    assert (geometry.category[chosen] == [3] * 500 + [4] * 500).all()
    assert np.bincount(chosen).max() > 50  # popularity is uneven
