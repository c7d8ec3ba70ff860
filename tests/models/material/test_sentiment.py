"""How captions speak."""

from __future__ import annotations

import pytest

from models.material.sentiment import sentiment_of


@pytest.mark.parametrize(
    "text",
    [
        "Happy smiling family in a sunny garden",
        "Gemütliches Wohnzimmer, wunderschön",
        "温馨的客厅",
        "not bad",
    ],
)
def test_words_that_speak_well(text: str) -> None:
    assert sentiment_of(text) > 0


@pytest.mark.parametrize(
    "text", ["a sad, broken chair", "Hässlich und kaputt", "破旧的沙发", "not comfortable", "不舒适"]
)
def test_words_that_speak_ill(text: str) -> None:
    assert sentiment_of(text) < 0


@pytest.mark.parametrize("text", ["", "shoe_0041.jpg", "a chair in a room", "Altstadt"])
def test_the_rest_says_nothing(text: str) -> None:
    assert sentiment_of(text) == 0


def test_more_words_say_more_and_never_beyond_one() -> None:
    assert 0 < sentiment_of("lovely") < sentiment_of("lovely, warm, cosy and bright") < 1
