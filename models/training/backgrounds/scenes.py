"""Random scenes with what a model is told of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.background.calm import calmed
from models.background.colouring import Maps
from models.background.conditions import MOODS, Condition, Edges, words_map
from models.scene.layouts import NO_PLACE, SlotLayout, layouts
from models.training.backgrounds.bokeh import bokeh
from models.training.backgrounds.hills import hills
from models.training.backgrounds.paper import paper
from models.training.backgrounds.silk import silk
from models.training.backgrounds.spheres import spheres
from models.training.backgrounds.surface import Surface
from models.training.backgrounds.window import window

SCENES: Final[dict[str, Callable[[Surface], Maps]]] = {
    "window": window, "bokeh": bokeh, "hills": hills, "silk": silk, "paper": paper, "spheres": spheres,
}  # fmt: skip
_LINE: Final = 1.25
_SHARES: Final = (0.35, 1.0)
"""Least and largest share of its area's width that an element takes."""


@dataclass(frozen=True, slots=True)
class SceneExample:
    """A scene and what was asked for."""

    condition: Condition
    maps: Maps


def slots_with_words() -> list[SlotLayout]:
    """Layouts that have a variant of words alone: a background is painted behind those."""
    return [
        each
        for each in layouts().values()
        if each.type and any(variant.picture == NO_PLACE for variant in each.variant)
    ]


def example(layout: SlotLayout, rng: np.random.Generator) -> SceneExample:
    """A scene behind words as this slot may set them."""
    words = words_map(random_boxes(layout, rng), layout.size)
    mood, deep = MOODS[int(rng.integers(len(MOODS)))], bool(rng.integers(2))
    condition = Condition(mood, deep, words)
    return SceneExample(condition, asked_scene_of(condition, layout.size, rng))


def asked_scene_of(condition: Condition, size: tuple[int, int], rng: np.random.Generator) -> Maps:
    """A scene as it is asked for, of a picture of this width and height."""
    canvas = Surface.of(condition.words, size, condition.deep, rng)
    return calmed(SCENES[condition.mood](canvas), condition.words)


def random_boxes(layout: SlotLayout, rng: np.random.Generator) -> list[Edges]:
    """Where words might stand: lines of random width, one below the other in each area of a variant."""
    wordy = [each for each in layout.variant if each.picture == NO_PLACE]
    boxes: list[Edges] = []
    for area in wordy[int(rng.integers(len(wordy)))].area:
        left, top, width, height = area.box
        if area.flow == "row":
            half = float(rng.uniform(0.3, 0.48)) * width
            boxes += [
                (left, top, left + half, top + height),
                (left + width - half, top, left + width, top + height),
            ]
            continue
        y, lines = float(top), int(rng.integers(1, 2 + len(area.elements) * 2))
        y += float(rng.uniform(0, 0.3)) * height
        tall = height * float(rng.uniform(0.4, 0.95)) / lines
        for _ in range(lines):
            share = float(rng.uniform(*_SHARES))
            boxes.append((left, y, left + share * width, min(y + tall / _LINE, top + height)))
            y += tall
    return boxes
