"""What a voice says: whole sentences, each once it is seen, fewer when time is short."""

from __future__ import annotations

from dataclasses import replace

from models.clip.story import CLOSING_S, LASTS_S, Story, told
from models.clip.voiceover import Sentence, beginnings, sentences, shorter
from tests.models.clip.sample_stories import LAMP, SCRIPT, story


def test_everything_that_is_read_is_said_from_when_it_is_seen() -> None:
    said = sentences(story())
    assert [each.text for each in said] == ["Meet the lamp", *SCRIPT, "Take a look"]
    assert [each.start_s for each in said] == [each.start_s for each in told(story())]
    described = Story(replace(LAMP, description="Warm light. Ready [[x]] soon!\n&", cta="→"))
    assert [each.text for each in sentences(described)] == ["Meet the lamp", "Warm light.", "Ready x soon!"]


def test_lines_are_left_out_from_the_last_and_hook_and_call_to_action_stay() -> None:
    a, b, c, d = (Sentence(each, 0) for each in "abcd")
    assert list(shorter((a, b, c, d))) == [(a, b, c, d), (a, b, d), (a, d)]
    assert list(shorter((a, d))) == [(a, d)]
    assert list(shorter((a,))) == [(a,)]


def test_a_sentence_waits_for_its_words_and_for_the_one_before_and_all_end_in_time() -> None:
    said = (Sentence("a", 0.15), Sentence("b", 1.0), Sentence("c", CLOSING_S))
    begins = beginnings(said, [2.0, 0.5, 1.0])
    assert begins is not None
    assert begins[0] == 0.15 and 2.15 < begins[1] < 2.4 and begins[2] == CLOSING_S
    assert beginnings(said, [1.0, 0.5, LASTS_S - CLOSING_S]) is None
    assert beginnings(said, [3.0, 2.0, 1.0]) is None
