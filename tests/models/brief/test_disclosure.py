"""The label of a model's copy speaks its reader's language, and every slot has room for it, beside a legal
text of the width that it is said to hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.brief.disclosure import label_duties
from models.markup.label import with_label
from models.markup.slot_sizes import LONGEST, must_say_width
from models.scene.layouts import layouts, variants_of
from models.scene.picture import draw_scene
from models.scene.words.fitting import fit_elements
from tests.models.scene.sample_scenes import FONTS
from tests.models.scene.test_picture import LAMP

OF_THE_UNION = "bg cs da de el es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"


def label(locale: str) -> str:
    [duty] = label_duties(["IE"], locale)
    return duty.label


def test_every_language_of_the_union_has_a_label_of_its_own() -> None:
    assert label("en-IE") == label("xx") == "AI-generated"
    found = {each: label(f"{each}_XX") for each in OF_THE_UNION.split()}
    assert len(found) == 23 and "AI-generated" not in found.values()


@pytest.mark.parametrize("lang", OF_THE_UNION.split())
def test_every_slot_of_words_has_room_for_the_label(lang: str) -> None:
    for slot, layout in layouts().items():
        scene = replace(LAMP, slot=slot, lang=lang, legal=label(lang))
        for variant in variants_of(layout, "", 1, True):
            if variant.area:
                placed = fit_elements(scene, layout, variant, FONTS).placed
                [legal] = [each for each in placed if each.element == "legal"]
                assert " ".join(each.text for each in legal.lines) == label(lang)


@pytest.mark.parametrize("told", [label("en"), max(map(label, OF_THE_UNION.split()), key=len)])
@pytest.mark.parametrize("slot", layouts())
def test_a_slot_has_room_for_as_long_a_legal_text_as_it_is_said_to_hold(slot: str, told: str) -> None:
    if (most := must_say_width(slot)) == LONGEST:
        return
    room = most - len(with_label("", told)) - len(" · ")
    legal = with_label(("Only while stocks last and in shops that take part. " * 3)[:room].strip(), told)
    scene = replace(LAMP, slot=slot, headline="Walnut desk lamp for home", legal=legal, description="")
    placed = draw_scene(scene, FONTS).placed
    [seen] = [each for each in placed if each.element == "legal"]
    assert " ".join(each.text for each in seen.lines) == legal
