"""What is bought for its looks gets no picture of words alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from agents.rendering.artist import Artist
from agents.rendering.scenes import scene_of, wants_picture
from models.scene.drawn.words_alone import needs_no_picture
from streams import records as r
from streams.metrics.pictures import NOT_SHOWN
from tests.agents.rendering.requests import LOOK, request
from tests.agents.rendering.test_artist import artist as artist

CLAMP = structs.replace(LOOK, subject=["clamp", "homedecor.clamps"])


def asked(look: r.Look, slot: str = "banner_300x250") -> r.RenderRequest:
    return structs.replace(request(1, slot), look=look)


def test_it_keeps_its_first_version_and_is_counted(artist: Artist) -> None:
    before = NOT_SHOWN._value.get()
    assert artist.assets_of(asked(CLAMP)) == []
    assert artist.assets_of(asked(CLAMP, "native")) == []
    assert NOT_SHOWN._value.get() == before + 2
    assert artist.assets_of(asked(LOOK)), "a lamp is drawn"


def test_a_photo_a_layout_of_the_advertisers_or_one_of_words_alone_is_drawn(artist: Artist) -> None:
    scene = scene_of(asked(CLAMP))
    assert wants_picture(asked(CLAMP), scene)
    assert wants_picture(asked(CLAMP), replace(scene, background="b" * 40)), "it shows a mood"
    assert not wants_picture(asked(CLAMP), replace(scene, photo="a" * 40))
    assert artist.assets_of(asked(structs.replace(CLAMP, layout="type")))
    assert not wants_picture(asked(CLAMP), replace(scene, artwork="<svg/>"))


@pytest.mark.parametrize(
    "names",
    [
        (), ("insurance",), ("course", "education.languages"), ("trip", "travel.city"),
        ("box", "groceries.meals"), ("Versicherung",), ("健身课程",), ("tickets",),
    ],
)  # fmt: skip
def test_what_nobody_buys_for_its_looks_is_advertised_by_words(names: tuple[str, ...]) -> None:
    assert needs_no_picture(names)


@pytest.mark.parametrize(
    "names", [("clamp", "homedecor.clamps"), ("dress", "apparel"), ("Kommode",), ("连衣裙",), ("toy", "baby")]
)
def test_goods_want_to_be_seen(names: tuple[str, ...]) -> None:
    assert not needs_no_picture(names)
