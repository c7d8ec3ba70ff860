"""The true effects of a simulated world: the same whenever they are asked for, unequal, and what they say."""

from __future__ import annotations

import numpy as np
import pytest

from models.world.positions import EXAMINED, examined_share
from models.world.true_effects import COPY_FEATURES, FATIGUE, MOST, TrueEffects, copy_features_of

WORLD = TrueEffects(5)
ARMS = [f"{style}.t{n}" for style in ("direct", "question", "scene") for n in range(4)]


def test_a_slot_nobody_knows_is_examined_as_rarely_as_the_rarest() -> None:
    assert examined_share("native") == EXAMINED["native"]
    assert examined_share("billboard") == min(EXAMINED.values())


def test_effects_belong_to_the_seed_and_to_no_order() -> None:
    forwards = [WORLD.arm(arm) for arm in ARMS]
    assert forwards == [TrueEffects(5).arm(arm) for arm in reversed(ARMS)][::-1]
    assert forwards != [TrueEffects(6).arm(arm) for arm in ARMS]
    assert max(forwards) / min(forwards) > 1.3


def test_what_one_side_likes_the_other_dislikes() -> None:
    for arm in ARMS:
        liked, disliked = WORLD.taste(arm, 1.0), WORLD.taste(arm, -1.0)
        assert liked * disliked == pytest.approx(1.0)
        assert liked != disliked
        assert WORLD.taste(arm, 0.0) == 1.0


def test_a_creative_tires_with_each_showing() -> None:
    chances = [WORLD.click_chance("native", ARMS[0], (), 0.3, 0.0, n) for n in (1, 2, 8)]
    assert chances[1] / chances[0] == pytest.approx(2**-FATIGUE)
    assert chances[2] / chances[0] == pytest.approx(8**-FATIGUE)


def test_eager_users_and_seen_places_are_clicked_on_more_and_nothing_is_certain() -> None:
    plain = WORLD.click_chance("banner_320x50", ARMS[0], (), 0.5, 0.0, 1)
    assert WORLD.click_chance("banner_320x50", ARMS[0], (), 1.0, 0.0, 1) == pytest.approx(2 * plain)
    assert WORLD.click_chance("native", ARMS[0], (), 0.5, 0.0, 1) > plain
    assert WORLD.click_chance("native", ARMS[0], (), 50.0, 0.0, 1) == MOST


def test_words_have_features_and_features_have_effects() -> None:
    assert copy_features_of("Where to? | 5 boots!") == COPY_FEATURES
    assert copy_features_of("") == ()
    assert copy_features_of("a " * 40) == ()
    parts = [WORLD.copy((name,)) for name in COPY_FEATURES]
    assert WORLD.copy(COPY_FEATURES) == pytest.approx(np.prod(parts))
    assert WORLD.described()["copy_features"].keys() == set(COPY_FEATURES)
