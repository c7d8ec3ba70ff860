"""What a voice says: whole sentences, each once it is seen, fewer when time is short."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.clip.story import CLOSING_S, LASTS_S, Story, clip_lines_told
from models.clip.voiceover import Sentence, beginnings, scripts
from tests.models.clip.sample_stories import LAMP, SCRIPT, story


def test_everything_that_is_read_is_said_from_when_it_is_seen() -> None:
    said = scripts(story())[0]
    assert [each.text for each in said] == ["Meet the lamp", *SCRIPT, "Take a look"]
    assert [each.start_s for each in said] == [each.start_s for each in clip_lines_told(story())]
    described = Story(replace(LAMP, description="Warm light. Ready [[x]] soon!\n&", cta="→"))
    assert [each.text for each in scripts(described)[0]] == ["Meet the lamp", "Warm light.", "Ready x soon!"]


@pytest.mark.parametrize(
    ("headline", "cta", "lang"),
    [("Meet the lamp", "Take a look", "en"), ("Licht für jeden Tag", "Jetzt ansehen", "de-DE")],
)
def test_hook_and_call_to_action_may_stand_alone(headline: str, cta: str, lang: str) -> None:
    whole, short = scripts(story(headline=headline, cta=cta, lang=lang))
    assert len(whole) == len(SCRIPT) + 2
    assert [each.text for each in short] == [headline, cta]


@pytest.mark.parametrize(
    ("headline", "cta", "lang"),
    [
        ("Free delivery", "Shop now", "en"),
        ("Save 20% today", "Shop now", "en"),
        ("Two lamps for the price of one", "Shop now", "en"),
        ("Guaranteed for life", "Shop now", "en"),
        ("Meet the lamp", "Get yours free", "en"),
        ("Versand kostenlos", "Jetzt ansehen", "de"),
        ("这盏灯包邮", "去看看", "zh"),
        ("Livraison offerte", "Voir", "fr"),
    ],
)
def test_a_promise_is_not_said_without_the_lines_that_may_be_its_conditions(
    headline: str, cta: str, lang: str
) -> None:
    conditions = ("Only for orders above 50 euros.", "Until Sunday.")
    made = Story(replace(LAMP, headline=headline, cta=cta, lang=lang), conditions)
    [whole] = scripts(made)
    assert {*conditions} <= {each.text for each in whole}


def test_what_is_left_out_is_never_a_part_of_a_script() -> None:
    """A line may be an offer and the next one its condition."""
    made = Story(LAMP, ("Free delivery.", "Only for orders above 50 euros, until Sunday."))
    assert [len(each) for each in scripts(made)] == [4, 2]


def test_without_a_word_nothing_is_said() -> None:
    assert scripts(Story(replace(LAMP, headline="★★★", description="", cta="→"))) == ((),)


def test_a_sentence_waits_for_its_words_and_for_the_one_before_and_all_end_in_time() -> None:
    said = (Sentence("a", 0.15), Sentence("b", 1.0), Sentence("c", CLOSING_S))
    begins = beginnings(said, [2.0, 0.5, 1.0])
    assert begins is not None
    assert begins[0] == 0.15 and 2.15 < begins[1] < 2.4 and begins[2] == CLOSING_S
    assert beginnings(said, [1.0, 0.5, LASTS_S - CLOSING_S]) is None
    assert beginnings(said, [3.0, 2.0, 1.0]) is None
