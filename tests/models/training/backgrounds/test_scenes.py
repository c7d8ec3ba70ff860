"""Scenes to learn from: within bounds, never the same, calm behind words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.background.conditions import MOODS, Condition, words_map
from models.scene.layouts import layouts
from models.training.backgrounds import scenes
from models.training.backgrounds.scenes import SceneExample, asked_scene_of, example, slots_with_words


def scene(
    mood: str, deep: bool, boxes: list[tuple[float, float, float, float]], seed: int = 1
) -> SceneExample:
    condition = Condition(mood, deep, words_map(boxes, (300, 250)))
    return SceneExample(condition, asked_scene_of(condition, (300, 250), np.random.default_rng(seed)))


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("deep", [True, False])
def test_maps_are_within_bounds_and_show_something(mood: str, deep: bool) -> None:
    made = [scene(mood, deep, [], seed).maps for seed in range(6)]
    for maps in made:
        assert 0 <= maps.field.min() <= maps.field.max() <= 1
        assert 0 <= maps.accent.min() <= maps.accent.max() <= 1
        assert -1 <= maps.light.min() <= maps.light.max() <= 1
    assert np.mean([maps.field.std() + maps.light.std() for maps in made]) > 0.08
    assert len({maps.light.tobytes() for maps in made}) == len(made)


@pytest.mark.parametrize("mood", MOODS)
def test_it_is_calmer_where_words_stand(mood: str) -> None:
    box = (30.0, 30.0, 270.0, 130.0)
    words = words_map([box], (300, 250)) > 0.9

    def busy(boxes: list[tuple[float, float, float, float]]) -> float:
        made = [scene(mood, True, boxes, seed).maps for seed in range(12)]
        return float(np.mean([maps.light[words].std() + maps.accent[words].mean() for maps in made]))

    assert busy([box]) < 0.6 * busy([])


def test_examples_follow_from_the_generator_alone_and_cover_all_slots() -> None:
    slots = slots_with_words()
    assert {each.size for each in slots} == {each.size for each in layouts().values() if each.type}
    for layout in slots:
        one, again = (example(layout, np.random.default_rng(4)) for _ in range(2))
        assert one.condition.mood == again.condition.mood
        assert (one.maps.light == again.maps.light).all() and one.condition.words.max() > 0.5


def test_every_mood_has_a_scene() -> None:
    assert tuple(scenes.SCENES) == MOODS
    assert replace(Condition("silk", True, np.zeros((24, 24))), deep=False).code[-1] == 0
