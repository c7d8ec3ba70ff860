"""Headlines that only point at a thing give way to its title."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.scene.picture import draw
from models.scene.scene import Scene
from models.scene.words.titles import worded_by_title
from tests.models.scene.sample_scenes import FONTS

CLUTCH = Scene(
    "social_1x1", "en", "Spotlight: the clutch",
    "Have a look at the Chic Croc Envelope Clutch. Gift wrapping is free.", "See details", "Calder and Finch",
    "$89.99", "AI-generated", "clutch", title="Chic Croc Envelope Clutch",
)  # fmt: skip


def told(scene: Scene, wanted: bool = False) -> list[tuple[str, str]]:
    return [(each.headline, each.description) for each in worded_by_title(scene, wanted)]


def test_the_title_takes_the_place_of_a_pointing_headline_and_is_said_once() -> None:
    assert told(CLUTCH) == [
        ("Chic Croc Envelope Clutch", "Gift wrapping is free."),
        (CLUTCH.headline, CLUTCH.description),
    ]
    picture = draw(CLUTCH, FONTS)
    words = {each.element: " ".join(line.text for line in each.lines) for each in picture.placed}
    assert (words["headline"], words["price"]) == ("Chic Croc Envelope Clutch", "$89.99")


@pytest.mark.parametrize(
    "scene",
    [
        replace(CLUTCH, headline="Carry your evening in one hand"),
        replace(CLUTCH, headline="One clutch for all the evenings of a long summer"),
        replace(CLUTCH, title=""),
        replace(CLUTCH, title="小鳄鱼手拿包"),
        replace(CLUTCH, noun=""),
    ],
    ids=["says something", "long", "no title", "another script", "no noun"],
)
def test_otherwise_the_headline_stays(scene: Scene) -> None:
    assert told(scene) == [(scene.headline, scene.description)]


def test_a_layout_may_want_it_anyway() -> None:
    assert told(replace(CLUTCH, headline="Carry your evening in one hand"), wanted=True)[0][0] == CLUTCH.title


def test_a_price_in_the_headline_is_not_drawn_twice() -> None:
    said = replace(CLUTCH, noun="lamp", headline="A lamp for $89.99", title="")
    assert "price" not in {each.element for each in draw(said, FONTS).placed}
