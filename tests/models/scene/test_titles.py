"""Headlines that only point at a thing give way to its title."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib.resources import files

import pytest
import regex

from models.scene.picture import draw_scene
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
    picture = draw_scene(CLUTCH, FONTS)
    words = {each.element: " ".join(line.text for line in each.lines) for each in picture.placed}
    assert (words["headline"], words["price"]) == ("Chic Croc Envelope Clutch", "$89.99")


def test_a_sentence_that_says_most_of_the_title_again_is_left_out() -> None:
    again = replace(CLUTCH, description="An elegant croc clutch, an envelope. Gift wrapping is free.")
    assert told(again)[0] == ("Chic Croc Envelope Clutch", "Gift wrapping is free.")
    other = replace(CLUTCH, description="A clutch for the evening. Gift wrapping is free.")
    assert told(other)[0][1] == other.description


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


SOFA = replace(CLUTCH, noun="sofa", title="Bergen 3-seat sofa in grey", price="$499", brand="Oak & Co")


@pytest.mark.parametrize(
    ("headline", "noun", "title", "lang"),
    [
        ("Save 30% on sofas", "sofa", SOFA.title, "en"),
        ("Sofa and free delivery", "sofa", SOFA.title, "en"),
        ("A sofa for $450", "sofa", SOFA.title, "en"),
        ("A sofa for 499 nights", "sofa", SOFA.title, "en"),
        ("Sofa, washable", "sofa", SOFA.title, "en"),
        ("A new sofa", "sofa", SOFA.title, "en"),
        ("Spring sale ends soon", "ring", "Silver ring with opal", "en"),
        ("Bett jetzt 50 € günstiger", "Bett", "Bett Alma aus Kiefer", "de"),
        ("台灯今日五折", "台灯", "木质台灯", "zh"),
        ("The sofa", "sofa", SOFA.title, "fr"),
    ],
)  # fmt: skip
def test_a_headline_that_says_more_than_the_thing_stays(
    headline: str, noun: str, title: str, lang: str
) -> None:
    scene = replace(SOFA, headline=headline, noun=noun, title=title, lang=lang)
    assert told(scene) == [(scene.headline, scene.description)]


@pytest.mark.parametrize(
    ("headline", "noun", "title", "lang"),
    [
        ("In need of a sofa?", "sofa", SOFA.title, "en-GB"),
        ("Looking for new sofas?", "sofa", SOFA.title, "en"),
        ("The Oak & Co sofa", "sofa", SOFA.title, "en"),
        ("A sofa for $499", "sofa", SOFA.title, "en"),
        ("Next on the list: a sofa", "sofa", SOFA.title, "en"),
        ("Over at Oak & Co: a sofa", "sofa", SOFA.title, "en"),
        ("Meet the grey sofa", "sofa", SOFA.title, "en"),
        ("Für dich: Bett", "Bett", "Bett Alma aus Kiefer", "de_AT"),
        ("在找台灯吗？", "台灯", "木质台灯", "zh"),
    ],
)
def test_what_points_or_stands_beside_it_anyway_says_no_more(
    headline: str, noun: str, title: str, lang: str
) -> None:
    assert told(replace(SOFA, headline=headline, noun=noun, title=title, lang=lang))[0][0] == title


def frames(language: str) -> list[str]:
    """Headlines that the built-in copywriter learns from which name the noun and no more."""
    text = (files("models.corpus") / f"phrases_{language}.toml").read_text("utf-8")
    told = [line.rpartition("|")[2].strip() for line in tomllib.loads(text)["headline"]]
    return [
        each for each in told if "noun" in each and not {"<price>", "<save>", "<short>"} & set(each.split())
    ]


NAMED = {"en": ("sofa", "Bergen 3-seat sofa"), "de": ("Bett", "Bett Alma"), "zh": ("台灯", "木质台灯")}


@pytest.mark.parametrize("language", NAMED)
def test_what_the_built_in_copywriter_says_of_a_noun_alone_only_points(language: str) -> None:
    noun, title = NAMED[language]
    missed = []
    for frame in frames(language):
        headline = (
            frame.replace("<anoun>", f"a {noun}").replace("<noun>", noun).replace("<nouns>", f"{noun}s")
        )
        scene = replace(SOFA, headline=headline, noun=noun, title=title, lang=language)
        if "<" not in headline and len(headline.split()) <= 5 and len(told(scene)) == 1:
            missed.append(frame)
    assert not missed


@pytest.mark.parametrize("language", NAMED)
def test_sentences_that_only_point_are_left_out_beside_the_title(language: str) -> None:
    noun, title = NAMED[language]
    text = (files("models.corpus") / f"phrases_{language}.toml").read_text("utf-8")
    book = tomllib.loads(text)
    frames = [line.rpartition("|")[2].strip() for line in (*book["opening"], *book["closing"])]
    scene = replace(SOFA, headline=noun, noun=noun, title=title, lang=language, price="499 €")
    missed = []
    for frame in frames:
        said = regex.sub(r"\[(.*?)\|.*?\]", r"\1", frame).replace("<title>", title)
        said = said.replace("<brand>", scene.brand).replace("<price>", scene.price)
        if "<save>" not in said and "reduziert" not in said.lower() and "现价" not in said:
            kept = told(replace(scene, description=said), wanted=True)[0][1]
            missed += [said] if kept else []
    assert not missed
    for offer in ("Free returns within 30 days.", "Made for small rooms."):
        assert told(replace(SOFA, description=f"Yours for $499. {offer}"), wanted=True)[0][1] == offer


def test_a_layout_may_want_it_anyway() -> None:
    assert told(replace(CLUTCH, headline="Carry your evening in one hand"), wanted=True)[0][0] == CLUTCH.title


def test_a_price_in_the_headline_is_not_drawn_twice() -> None:
    said = replace(CLUTCH, noun="lamp", headline="A lamp for $89.99", title="")
    assert "price" not in {each.element for each in draw_scene(said, FONTS).placed}
