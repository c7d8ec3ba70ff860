"""An ad that says the same in two sentences is seen, however a language parts them."""

from __future__ import annotations

import pytest

from models.brief.said_twice import says_twice


@pytest.mark.parametrize(
    ("fields", "language", "twice"),
    [
        (("Warm boots.", "<noun> for rain. Warm all day."), "en", True),
        (("Warm boots", "Dry socks. <facts>. Dry gloves!"), "en", True),
        (("Dry feet", "Model v2.Dry soles."), "en", False),
        (("好靴子", "防水。保暖！防水。"), "zh", True),
        (("好靴子", "防水。保暖！耐磨。"), "zh", False),
    ],
)
def test_two_sentences_that_say_the_same_are_seen(
    fields: tuple[str, ...], language: str, twice: bool
) -> None:
    assert says_twice(fields, language) is twice
