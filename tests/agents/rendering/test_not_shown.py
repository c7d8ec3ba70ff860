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


def test_why_is_told_with_what_to_do(artist: Artist, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    missed = structs.replace(CLAMP, photo="https://img.example/clamp.jpg")
    assert artist.assets_of(asked(CLAMP)) == artist.assets_of(asked(missed)) == []
    without, lost = (each.getMessage() for each in caplog.records)
    assert "give `images`" in without and "SHIFTCAST_PHOTO_HOSTS" not in without
    assert "SHIFTCAST_PHOTO_HOSTS" in lost and "give `images`" not in lost


def test_a_photo_a_layout_of_the_advertisers_or_one_of_words_alone_is_drawn(artist: Artist) -> None:
    scene = scene_of(asked(CLAMP))
    assert wants_picture(asked(CLAMP), scene)
    assert wants_picture(asked(CLAMP), replace(scene, background="b" * 40)), "it shows a mood"
    assert not wants_picture(asked(CLAMP), replace(scene, photo="a" * 40))
    assert artist.assets_of(asked(structs.replace(CLAMP, layout="type")))
    assert not wants_picture(asked(CLAMP), replace(scene, artwork="<svg/>"))


@pytest.mark.parametrize(
    ("names", "language"),
    [
        ((), "en"), (("insurance",), "en"), (("course", "education.languages"), "en"),
        (("trip", "travel.city"), "en"),
        (("box", "groceries.meals"), "en"), (("Versicherung",), "de"), (("健身课程",), "zh"),
        (("tickets",), "en"),
        (("Hausratversicherung",), "de"), (("Handyvertrag",), "de"), (("Stromtarif",), "de"),
        (("Sprachkurse",), "de"),
        (("Städtereise",), "de"), (("Kaffeebohnen",), "de"), (("coffee beans",), "en"),
        (("batteries",), "en"),
        (("classes for beginners",), "en"), (("VPN",), "en"), (("restaurant",), "en"),
        (("electricity",), "en"),
        (("unknown", "Home > Food & Drink"), "en"), (("seguro",), "es"), (("hôtel",), "fr"),
        (("保険",), "ja"),
        (("خزانة",), "ar"), (("trip",), "ar"),
    ],
)  # fmt: skip
def test_what_nobody_buys_for_its_looks_is_advertised_by_words(names: tuple[str, ...], language: str) -> None:
    assert needs_no_picture(names, language)


@pytest.mark.parametrize(
    ("names", "language"),
    [
        (("clamp", "homedecor.clamps"), "en"), (("dress", "apparel"), "en"), (("Kommode",), "de"),
        (("连衣裙",), "zh"),
        (("toy", "baby"), "en"), (("coffee table", "Furniture"), "en"), (("water bottle",), "en"),
        (("wine glass", "Wine"), "en"), (("paper lantern",), "en"), (("cake stand",), "en"),
        (("oil lamp",), "en"),
        (("resort dress", "apparel"), "en"), (("tour t-shirt",), "en"), (("ink dress",), "en"),
        (("tee",), "en"),
        (("bottle for water",), "en"), (("suitcase", "travel accessories"), "en"), (("咖啡桌",), "zh"),
        (("backpack", "travel"), "en"), (("guitar", "music"), "en"), (("chair", "office & food"), "en"),
        (("Gartenbank",), "de"), (("power bank", "mobile"), "en"), (("decoration", "holiday"), "en"),
        (("carafe", "food > kitchen"), "en"),
        (("Sparschwein",), "de"), (("Weinglas", "Wein"), "de"), (("Kaffeemühle",), "de"),
        (("dress",), "ar"),
    ],
)  # fmt: skip
def test_goods_want_to_be_seen(names: tuple[str, ...], language: str) -> None:
    assert not needs_no_picture(names, language)
