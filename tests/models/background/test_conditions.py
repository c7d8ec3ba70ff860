"""What a model is told of a picture."""

from __future__ import annotations

import numpy as np
import pytest

from models.background.conditions import Condition, map_size, words_map
from models.background.moods import mood_of
from models.scene.layouts import layouts


@pytest.mark.parametrize("slot", layouts())
def test_maps_have_the_shape_of_the_slot_and_about_as_many_pixels(slot: str) -> None:
    width, height = layouts()[slot].size
    down, across = map_size(width, height)
    assert down % 8 == across % 8 == 0 and 1_500 < down * across < 4_000
    assert across / down == pytest.approx(width / height, rel=0.4)


def test_words_lie_where_their_boxes_do() -> None:
    words = words_map([(0, 0, 150, 125)], (300, 250))
    down, across = words.shape
    assert words[: down // 2 - 5, : across // 2 - 5].min() > 0.98
    assert words[down // 2 + 5 :].max() < 0.02 and words[:, across // 2 + 5 :].max() < 0.02
    assert (words_map([], (300, 250)) == 0).all()


def test_mood_and_ground_are_told_apart() -> None:
    nowhere = np.zeros((24, 24))
    told = [Condition(mood, deep, nowhere).code for mood in ("silk", "hills") for deep in (True, False)]
    assert len({tuple(each) for each in told}) == 4 and all(each.sum() == 2 for each in told)


def test_the_interest_tells_the_mood_before_the_noun_and_the_seed_last() -> None:
    assert mood_of("meal", "camping trips", 0) == "hills"
    assert mood_of("meal", "", 0) == mood_of("Meals", "qqq", 3) == "window"
    assert mood_of("qqq", "", 1) != mood_of("qqq", "", 2)
