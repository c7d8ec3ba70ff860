"""A user about whom little is known resembles the group that does likewise."""

from __future__ import annotations

import numpy as np
import pytest

from models.portrait.portrait import Portraits, portraits_of
from models.portrait.resemblance import chances, log_resemblance
from tests.models.portrait.people import CODE_NAMES, people, planted

SIZES = (60, 60, 60)
NOTHING = np.zeros((1, 64), np.float32), np.zeros((1, 24)), np.zeros((1, 8))


@pytest.fixture(scope="module")
def portraits() -> Portraits:
    return portraits_of(people(SIZES), planted(SIZES), 20, CODE_NAMES)


def one(size: int, place: int, count: float = 1.0) -> np.ndarray:
    made = np.zeros((1, size), np.float32)
    made[0, place] = count
    return made


def test_who_is_not_known_is_of_each_group_by_its_size(portraits: Portraits) -> None:
    assert np.allclose(chances(log_resemblance(portraits, *NOTHING, [None])), 1 / 3, atol=1e-6)


@pytest.mark.parametrize("group", [0, 1, 2])
def test_first_events_hour_device_and_country_each_tell(portraits: Portraits, group: int) -> None:
    interests, hours, devices = NOTHING
    for known in (
        (one(64, 3 * group), hours, devices, [None]),
        (interests, one(24, 6 * group + 1), devices, [None]),
        (interests, hours, one(8, group), [None]),
        (interests, hours, devices, [f"C{group}"]),
    ):
        assert int(np.argmax(log_resemblance(portraits, *known))) == group


def test_a_thousand_events_of_one_hour_say_no_more_than_three(portraits: Portraits) -> None:
    interests, _, devices = NOTHING
    few, many = (
        log_resemblance(portraits, interests, one(24, 1, count), devices, [None]) for count in (3, 1_000)
    )
    assert np.allclose(few, many)
