"""A user about whom little is known starts from a portrait, and his own events outweigh it."""

from __future__ import annotations

import numpy as np
import pytest

from models.arrays import Row
from models.choice.cold_start import PRIOR, portrait_start_of
from models.interest.profile import empty_profiles
from models.portrait.portrait import Portraits, portraits_of
from tests.models.portrait.people import CODE_NAMES, people, planted

SIZES = (60, 60, 60)


@pytest.fixture(scope="module")
def portraits() -> Portraits:
    return portraits_of(people(SIZES), planted(SIZES), 20, CODE_NAMES)


def row(**events: int) -> Row:
    """Of so many events by code."""
    made = empty_profiles(1)[0]
    held = np.zeros(64, np.float16)
    for name, count in events.items():
        held[int(name.removeprefix("code"))] = count
    made["hist"] = held.view(np.uint16)
    return made


def test_one_event_leads_to_what_its_group_likes_besides(portraits: Portraits) -> None:
    start = portrait_start_of(portraits, row(code3=1), None)
    assert start.name == portraits.groups[1].name
    assert start.leaning[4] > 0.5 and start.leaning[5] > 0.5 > 0 > start.leaning[0]
    assert set(np.argsort(-start.vector)[:3]) == {3, 4, 5}
    assert np.linalg.norm(start.vector) == pytest.approx(1, abs=1e-5)


def test_country_hour_and_device_count_before_any_event(portraits: Portraits) -> None:
    assert portrait_start_of(portraits, row(), "C2").name == portraits.groups[2].name
    made = row()
    made["hours"][7] = 5
    made["devices"][1] = 5
    assert portrait_start_of(portraits, made, None).name == portraits.groups[1].name


def test_own_events_outweigh_the_portrait(portraits: Portraits) -> None:
    few, many = (portrait_start_of(portraits, row(code3=count, code0=count), None) for count in (1, 50))
    assert many.leaning[3] > few.leaning[3] and many.leaning[0] > few.leaning[0]
    of_own = 50 / (100 + PRIOR) / portraits.usual_interests[3]
    of_both = (50 + PRIOR / 3) / (100 + PRIOR) / portraits.usual_interests[3]
    assert np.log(of_own) <= many.leaning[3] <= np.log(of_both)
    assert many.leaning[4] < few.leaning[4] < portrait_start_of(portraits, row(code3=1), None).leaning[4]
