"""What a picture is asked for with."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from agents.creatives.pictures import PictureAsker, content_of, layouts_drawn, look_of
from agents.rendering.scenes import scene_of
from models.campaigns import PictureLayout, SuppliedPicture
from models.clip.looks import clip_layouts
from models.item import Item
from streams import records as r
from streams import topics
from streams.settings import Settings
from streams.wire.codecs import WireLimits, decode, encode, headers
from streams.wire.topic_codec import creative_key
from tests.agents.creatives.generation_fixtures import CAMPAIGN
from tests.agents.rendering.requests import LOOK, NOW_MS, creative
from tests.models.scene.test_artwork import SLOT, svg

LAMP = Item("p1", "Brass Lamp", "https://shop.example/p/1", "lamp", ("homedecor.lamps",))
TEMPLATE = replace(CAMPAIGN.templates[0], template_id="t1", slot=SLOT)


def look(layout: str) -> r.Look:
    ours = PictureLayout("ours", SLOT, svg())
    campaign = replace(CAMPAIGN, templates=(replace(TEMPLATE, layout=layout),), layouts=(ours,))
    return look_of(creative(), campaign, LAMP)


def test_a_template_names_the_layout_of_its_pictures() -> None:
    assert (look("").layout, look("").svg) == ("", "")
    assert (look("shelf").layout, look("shelf").svg) == ("shelf", "")
    assert (look("ours").layout, look("ours").svg) == ("", svg())
    scene = scene_of(r.RenderRequest(creative(), look("ours")))
    assert (scene.artwork, scene.variant) == (svg(), "")
    assert scene_of(r.RenderRequest(creative(), look("shelf"))).variant == "shelf"


def test_the_layout_that_was_drawn_is_asked_for_unless_the_template_names_one() -> None:
    drawn = r.CreativeExperiment("direct.t1", 0.5, "p1", layout="beside", layout_propensity=0.5)
    made = creative(experiment=drawn)
    for named, asked in (("", ("beside", "")), ("shelf", ("shelf", "")), ("ours", ("", svg()))):
        ours = PictureLayout("ours", SLOT, svg())
        campaign = replace(CAMPAIGN, templates=(replace(TEMPLATE, layout=named),), layouts=(ours,))
        look = look_of(made, campaign, LAMP)
        assert (look.layout, look.svg) == asked


def test_layouts_are_drawn_among_those_that_show_the_thing_where_pictures_are_made() -> None:
    assert layouts_drawn("banner_300x250") == ("shelf", "beside")
    assert layouts_drawn("video_16x9") == tuple(each.name for each in clip_layouts()["video_16x9"].look)
    assert layouts_drawn("text") == ()
    for enabled in (True, False):
        asker = PictureAsker(enabled, lambda _: None, 1)
        assert asker.layouts("banner_300x250") == (layouts_drawn("banner_300x250") if enabled else ())


def test_the_formats_that_a_campaign_wants_are_asked_for_whatever_the_first_version_carries() -> None:
    wanting = replace(CAMPAIGN, render=("vast", "html"))
    asker = PictureAsker(True, lambda _: (wanting, LAMP), 1)
    asked = asker.request(creative(slot="video_16x9"))
    assert asked is not None and asked.render == ["vast", "html"]
    assert content_of(asked) == content_of(structs.replace(asked, render=[])), "the same clip"


@pytest.mark.parametrize(
    ("said", "noun", "tinted"),
    [
        ("Light for long evenings.", "lamp", False),
        ("A brown lamp for long evenings.", "lamp", True),
        ("A black and white lamp for long evenings.", "", False),
        ("Copper Hill has a lamp for long evenings.", "lamp", False),
        ("A vermilion lamp for long evenings.", "", False),
    ],
)
def test_no_drawing_contradicts_the_colour_that_the_copy_names(said: str, noun: str, tinted: bool) -> None:
    made = creative(copy=r.CopyText("Meet the lamp", said, "Take a look", "Copper Hill"))
    scene = scene_of(r.RenderRequest(made, LOOK))
    assert (scene.noun, bool(scene.tint)) == (noun, tinted)


@pytest.mark.parametrize(
    ("title", "noun", "tinted"), [("Brown Lamp", "lamp", True), ("Lamp, Black or White", "", False)]
)
def test_nor_the_colour_that_a_title_names(title: str, noun: str, tinted: bool) -> None:
    scene = scene_of(r.RenderRequest(creative(slot="banner_320x50"), structs.replace(LOOK, title=title)))
    assert (scene.noun, bool(scene.tint)) == (noun, tinted)


@pytest.mark.parametrize(
    ("title", "description", "must_use", "shown"),
    [
        ("Brass Lamp", "The Brass Lamp. Delivered to your room.", (), True),
        ("Brass Lamp " * 9, "Delivered to your room.", (), True),
        ("Brass Lamp", "The Brass Lamp.", (), True),
        ("Miracle Cure Weight Loss Lamp", "Delivered to your room.", (), False),
        ("Brass Lamp", "The Brass Lamp has no bulb. Delivered to your room.", ("has no bulb",), False),
        ("Brass Lamp", "The Brass Lamp. It has no bulb.", ("has no bulb",), True),
    ],
    ids=["plain", "long", "alone", "a claim", "required, dropped", "required, kept"],
)
def test_the_title_comes_along_where_review_passes_it_as_the_headline(
    title: str, description: str, must_use: tuple[str, ...], shown: bool
) -> None:
    made = creative(copy=r.CopyText("Meet the lamp", description, "Take a look", "Stridewell"))
    campaign = replace(CAMPAIGN, must_use=must_use, ctas=())
    title = title.strip()
    assert look_of(made, campaign, replace(LAMP, title=title)).title == (title if shown else "")


def test_a_title_as_long_as_the_catalogue_takes_is_asked_for() -> None:
    item = replace(LAMP, title="Brass Lamp " * 46 + "Lamps!")
    made = r.RenderRequest(creative(), look_of(creative(), CAMPAIGN, item))
    key, spec = creative_key(made.creative).encode(), topics.RENDER_REQUEST
    stamped = headers(spec.ce_type, "cr_1", NOW_MS)
    assert len(item.title) == 512
    assert decode(spec, encode(made), key, stamped, NOW_MS, WireLimits.of(Settings())) == made


def test_the_picture_is_drawn_with_the_photo_that_the_first_version_shows() -> None:
    """Whoever draws it does not know the interest that chose it."""
    urls = [f"https://cdn.example/{name}.jpg" for name in ("street", "trail")]
    library = tuple(SuppliedPicture(each, item_ids=("p1",)) for each in urls)
    campaign = replace(CAMPAIGN, material=library)
    assert look_of(creative(), campaign, LAMP).photo == urls[0]
    shown = creative(assets=[r.Asset("main", urls[1], 3)])
    assert look_of(shown, campaign, LAMP).photo == urls[1]
    gone = replace(CAMPAIGN, material=library[:1])
    assert look_of(shown, gone, LAMP).photo == urls[0], "the campaign has it no more"
