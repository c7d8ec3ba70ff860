"""What a portrait says of its group, in numbers and words; groups that are too small are not told of."""

from __future__ import annotations

import numpy as np
import pytest

from models.portrait.naming import Traits, named_portrait
from models.portrait.portrait import portraits_of
from tests.models.portrait.people import CODE_NAMES, people, planted

SIZES = (60, 40, 8)
USUAL = Traits(positives=10, days_quiet=3, price_z=0, buyers=0.4, spent_minor=500)


def test_a_portrait_has_the_habits_of_its_group() -> None:
    made = portraits_of(people(SIZES), planted(SIZES), 20, CODE_NAMES)
    first, second = made.groups
    assert set(np.argsort(-first.interests)[:3]) == {0, 1, 2}
    assert set(np.argsort(-second.vector)[:3]) == {3, 4, 5}
    assert int(np.argmax(second.hours)) in {6, 7, 8} and int(np.argmax(second.devices)) == 1
    assert next(iter(second.countries)) == "C1"
    assert (first.traits.buyers, second.traits.buyers, second.traits.spent_minor) == (0, 1, 1_000)
    for shares in (first.interests, first.hours, first.devices, made.usual_interests):
        assert shares.sum() == pytest.approx(1, abs=1e-5) and shares.min() > 0


def test_a_group_of_few_is_counted_and_not_told_of() -> None:
    made = portraits_of(people(SIZES), planted(SIZES), 20, CODE_NAMES)
    assert [each.users for each in made.groups] == [60, 40] and made.hidden == 1
    assert portraits_of(people(SIZES), planted(SIZES), 8, CODE_NAMES).hidden == 0


def test_a_busy_user_weighs_no_more_than_any_other() -> None:
    known = people((40,))
    busy = int(known.user[0])
    kept = np.concatenate(
        (np.repeat(np.flatnonzero(known.user == busy), 500), np.flatnonzero(known.user != busy))
    )
    kept = kept[np.argsort(known.user[kept], kind="stable")]
    code = np.where(known.user == busy, 11, known.code)
    loud = known._replace(
        user=known.user[kept],
        code=code[kept],
        ts=known.ts[kept],
        price_z=known.price_z[kept],
        direction=known.direction[kept],
    )
    (group,) = portraits_of(loud, np.zeros(40, np.int64), 20, CODE_NAMES).groups
    assert group.interests[11] < 0.1


def interests(**shares: float) -> np.ndarray:
    made = np.full(12, 0.01)
    for name, share in shares.items():
        made[int(name.removeprefix("kind"))] = share
    return (made / made.sum()).astype(np.float32)


FLAT = np.full(12, 1 / 12, np.float32)


def test_a_name_says_activity_interests_and_prices_in_plain_words() -> None:
    often = USUAL._replace(positives=20, buyers=0.9, price_z=0.5)
    said = named_portrait(often, USUAL, interests(kind3=0.5, kind7=0.3), FLAT, CODE_NAMES)
    assert said == "Frequent buyers of kind3 and kind7, at the dear end"
    gone = USUAL._replace(positives=4, days_quiet=30, price_z=-0.5)
    assert (
        named_portrait(gone, USUAL, interests(kind3=0.5), FLAT, CODE_NAMES)
        == "Lapsed browsers of kind3, at the cheap end"
    )
    assert named_portrait(USUAL, USUAL, FLAT, FLAT, CODE_NAMES) == "Regular browsers of everything"


def test_no_two_groups_have_one_name() -> None:
    liked = interests(kind3=0.5, kind7=0.3, kind1=0.2)
    first = named_portrait(USUAL, USUAL, liked, FLAT, CODE_NAMES)
    second = named_portrait(USUAL, USUAL, liked, FLAT, CODE_NAMES, [first])
    third = named_portrait(USUAL, USUAL, liked, FLAT, CODE_NAMES, [first, second])
    assert second == "Regular browsers of kind3, kind7 and kind1" and len({first, second, third}) == 3
