"""Lessons of behaviour: what was known before an item was taken, beside items that were not; what they teach
ranks items that nobody was shown."""

from __future__ import annotations

import numpy as np
import pytest

from models.click.behaviour import (
    BEHAVIOUR,
    CONTRASTS,
    ItemTraits,
    Positives,
    UserTaste,
    UserWants,
    learn_behaviour,
    lessons_of,
    unexposed,
)
from models.click.features import FIELDS, NO_SLOT, feature_slots_of, tokens_of
from models.click.learner import Learning, expected_rates
from models.click.model import ClickLearner

ITEMS = [ItemTraits(f"{kind}-{n}", kind, 1 + n) for kind in ("cup", "lamp", "rug") for n in range(4)]
"""Who takes one thing takes another of its kind next; rugs are never bought."""
OTHER_CUPS, REST = slice(1, 4), slice(4, None)


def positives(users: int = 600) -> Positives:
    rng = np.random.default_rng(3)
    kind = np.repeat(rng.integers(3, size=users), 4)
    item = 4 * kind + np.concatenate([rng.permutation(4) for _ in range(users)])
    return Positives(np.repeat(np.arange(users), 4), item, (kind != 2).astype(np.int64))


def learnt(learning: Learning) -> ClickLearner:
    learner = ClickLearner.fresh(learning)
    learn_behaviour(learner, positives(), ITEMS, np.random.default_rng(1))
    return learner


def rates(learner: ClickLearner, wish: UserWants) -> np.ndarray:
    slots = feature_slots_of(tokens_of([unexposed(item, wish) for item in ITEMS]))
    return expected_rates(learner.click.weights, slots, learner.learning)


def test_a_lesson_holds_what_was_known_before_and_contrasts_are_not_what_was_taken() -> None:
    one = Positives(np.array([0, 0, 1]), np.array([0, 5, 9]), np.array([0, 1, 0]))
    lessons = list(lessons_of(one, ITEMS, np.random.default_rng(1)))
    taken = [each for each in lessons if each.taken]
    assert [(each.asked.item_id, each.bought) for each in taken] == [("lamp-1", True)], "of a first one no"
    assert taken[0].asked.recent == ("cup-0",) and taken[0].asked.interest == ("cup",)
    contrasts = [each for each in lessons if not each.taken]
    assert 0 < len(contrasts) <= CONTRASTS
    assert not {each.asked.item_id for each in contrasts} & {"cup-0", "lamp-1"}
    assert all(each.asked.recent == ("cup-0",) and not each.bought for each in contrasts)


def test_a_taste_tells_the_strongest_interests_and_the_newest_items() -> None:
    taste = UserTaste()
    for row in (0, 1, 4, 0):
        taste.take(row, ITEMS[row])
    assert taste.wish(ITEMS) == UserWants(("cup", "lamp"), ("cup-0", "lamp-0", "cup-1"), 1)


def test_nothing_of_a_showing_is_known_but_that_there_was_none() -> None:
    row = feature_slots_of(tokens_of([unexposed(ITEMS[0], UserWants(("cup",), ("cup-1",), 2))]))[
        0, 1 : 1 + len(FIELDS)
    ]
    known = {name for name, slot in zip(FIELDS, row, strict=True) if slot != NO_SLOT}
    assert known == {"item", "code", "showing", "interest0", "price", "tier", "recent0"}


@pytest.mark.parametrize(
    "learning",
    [BEHAVIOUR, BEHAVIOUR._replace(positive=float(CONTRASTS)), BEHAVIOUR._replace(gamma=2.0)],
    ids=["plain", "balanced", "focal"],
)
def test_who_takes_cups_is_expected_to_take_another_whatever_the_loss(learning: Learning) -> None:
    found = rates(learnt(learning), UserWants(("cup",), ("cup-0",)))
    assert found[OTHER_CUPS].min() > 2 * found[REST].max()


def test_what_is_taken_and_never_bought_is_known_of_the_second_head() -> None:
    learner = learnt(BEHAVIOUR)
    cup, rug = UserWants(("cup",), ("cup-0",)), UserWants(("rug",), ("rug-0",))
    asked = feature_slots_of(tokens_of([unexposed(ITEMS[1], cup), unexposed(ITEMS[9], rug)]))
    bought = expected_rates(learner.conversion.weights, asked, learner.learning)
    assert bought[0] > 0.8 > 0.2 > bought[1]


def test_plain_rates_are_those_of_the_lessons() -> None:
    learner = learnt(BEHAVIOUR)
    quality = learner.click.recent.quality()
    assert quality.calibration == pytest.approx(1, abs=0.15)
    assert quality.log_loss is not None and quality.base_log_loss is not None
    assert quality.log_loss < 0.8 * quality.base_log_loss
