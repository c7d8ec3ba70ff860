"""The sentence of a row that an ad may say as it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.brief.brief import Brief, limits_of
from models.brief.passage import headlines_of, passage_of, passages_of, sentences_that_stand
from models.brief.slots import slot_texts
from models.text.graphemes import shown_width
from tests.models.copywriter.injections import INJECTIONS

BRIEF = Brief(
    "r1", "c", "native", "Pell Yard", "Honey Extractor, Hand Cranked", "honey extractor",
    text="A hand cranked honey extractor. Clear lid in two halves. It has three legs. Takes 2.5 kg at 1 mm.",
)  # fmt: skip


def test_whole_sentences_that_lean_on_no_other_are_passages() -> None:
    stand = sentences_that_stand(BRIEF.text, "en", ())
    assert stand == ("A hand cranked honey extractor", "Clear lid in two halves", "Takes 2.5 kg at 1 mm")


def test_what_title_and_campaign_say_already_is_none_and_requests_differ() -> None:
    drawn = {passage_of(replace(BRIEF, request_id=f"r{n}")) for n in range(40)}
    both = "Clear lid in two halves. Takes 2.5 kg at 1 mm"
    assert drawn == {*both.split(". "), both}
    cramped = replace(BRIEF, slot="banner_320x50")
    alone = {passage_of(replace(cramped, request_id=f"r{n}")) for n in range(40)}
    assert alone == {"Clear lid in two halves", "Takes 2.5 kg at 1 mm"}
    required = replace(BRIEF, must_use=("Spare parts for all that we sell and ever sold",))
    assert passage_of(required) in alone, "what the campaign requires keeps its room"
    assert passage_of(BRIEF) == passage_of(BRIEF) == slot_texts(BRIEF)["passage"]
    assert passage_of(replace(BRIEF, facts=("Clear lid, two halves",), text="Clear lid in two halves.")) == ""


def test_no_sentence_is_said_in_part_and_a_headline_is_a_short_one() -> None:
    text = "Crafted from rich, dark wood with a clear lacquer. Takes 2.5 kg at 1 mm. Soft, thick felt in it."
    brief = replace(BRIEF, text=text)
    assert headlines_of(brief) == ("Takes 2.5 kg at 1 mm", "Soft, thick felt in it")
    assert all(f"{each}." in text for each in passages_of(brief) if ". " not in each)
    assert headlines_of(replace(brief, slot="video_16x9")) == ()


def test_it_fits_the_slot_with_its_stop_and_a_clip_has_none() -> None:
    long = (
        "Linen outside, cotton inside, with buttons of horn and a loop to hang it by. Two pockets, one zip."
    )
    for slot in ("banner_320x50", "banner_728x90", "native"):
        said = passage_of(replace(BRIEF, slot=slot, text=long))
        assert said and shown_width(said) + 1 < limits_of(slot).description
    assert passage_of(replace(BRIEF, slot="video_16x9")) == ""


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "Whole pipette goes in at 121 °C. Volume lock and ejector.", 2),
        ("en", "The soft, pebbled le", 0),
        ("en", "Now only $9.99 each. Ribbons are sold apart. Braces inside.", 0),
        ("en", "Whole girths come in two lengths. 110 to 140 cm; this one is 130.", 1),
        ("en", "HURRY UP AND BUY THIS NOW. Made by J. S. Marlow in Leeds.", 1),
        ("de", "Buche, zweimal geölt. Sie hat zwei Laden. Und mehr davon als je.", 1),
        ("en", "Come in two bowls of wood. Fold flat for the shelf. Wash by hand, dry flat.", 0),
        ("en", "Stand of dark walnut. Tilts 90 degrees. Store cupboard in oak.", 3),
        ("de", "Kommen in zwei Schalen. Passen in jede Tasche. Passt in jede Tasche.", 1),
        ("zh", "端石，六寸，配红木盒。它不拒笔。发墨细，不拒笔。", 2),
    ],
)
def test_sentences_in_each_language(language: str, text: str, found: int) -> None:
    assert len(sentences_that_stand(text, language, ())) == found


@pytest.mark.parametrize("injection", INJECTIONS)
def test_what_tries_to_steer_is_no_passage(injection: str) -> None:
    for text in (injection, f"{injection}.", f"Holds tea for two. {injection}."):
        found = sentences_that_stand(text, "en", ())
        assert set(found) <= {"Holds tea for two"}


def test_pairs_are_kept_once_for_all_whom_an_item_is_shown_to() -> None:
    text = " ".join(f"Clear lid number {each} in two halves." for each in ("one", "two", "three", "four"))
    brief = replace(BRIEF, text=text)
    other = replace(brief, request_id="r2", interest=("bees",), daypart="night")
    assert len(passages_of(brief)) > 5 and passages_of(other) is passages_of(brief)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Walk on rubber floors only."),
        ("en", "112 steps, no lift."),
        ("en", "Vacuum packed; keep in the freezer once open."),
        ("de", "Der Turm hat keinen Aufzug, nicht für Kinder."),
        ("zh", "内胆不宜放入微波炉加热。"),
        ("en", "Afterwards the puppeteers show the strings."),
        ("de", "Danach zeigen alle ihre Körbe."),
        ("zh", "顺带清理键盘下的灰尘。"),
        ("en", "Lift it off the frame in winter."),
    ],
)
def test_what_warns_commands_or_leans_on_another_is_no_passage(language: str, text: str) -> None:
    assert sentences_that_stand(text, language, ()) == ()


def test_what_a_thing_does_without_is_a_passage() -> None:
    assert sentences_that_stand("No licence needed for it. Needs no screws in the wall.", "en", ()) != ()


@pytest.mark.parametrize(
    ("language", "text", "stand"),
    [
        (
            "en",
            "Takes shafts of max. 30 mm. Made of ash wood.",
            ("Takes shafts of max. 30 mm", "Made of ash wood"),
        ),
        ("en", "Tips unscrew, so a No. 1 fits too.", ()),
        ("de", "Passt auf Stiele Nr. 3 bis ca. 30 mm.", ("Passt auf Stiele Nr. 3 bis ca. 30 mm",)),
    ],
)
def test_a_shortened_word_ends_no_sentence(language: str, text: str, stand: tuple[str, ...]) -> None:
    assert sentences_that_stand(text, language, ()) == stand
