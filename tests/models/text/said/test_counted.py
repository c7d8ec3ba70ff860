"""A number is said of the measure that the sources tell, or of things."""

from __future__ import annotations

import pytest

from models.text.said.counted import counted, counts_another

ROWS = {
    "en": "canvas daypack 20 l, two side pockets. wok 14 in. ages 4 to 6, massage 60 min, 3 yrs, 5 kgs",
    "de": "hausboot, 1 woche, nach dreistündiger einweisung, bis sechs personen, 8 lfm, 12 std., 7 stk",
    "zh": "18v电钻，两块电池，20升，三天",
}


@pytest.mark.parametrize(
    ("language", "said", "wrong"),
    [
        ("en", "the daypack has 20 pockets", True),
        ("en", "holds two litres", True),
        ("en", "returns within 20 days", True),
        ("en", "sixty quiet minutes", False),
        ("en", "60 minutes", False),
        ("en", "sixty pockets", True),
        ("en", "a 14-inch wok", False),
        ("en", "two pockets for six", False),
        ("en", "twenty-litre daypack", False),
        ("en", "for four to six", False),
        ("de", "in drei stunden", False),
        ("de", "in drei tagen", True),
        ("de", "sechs wochen", True),
        ("de", "8 m fugen", False),
        ("de", "spielt 12 stunden", False),
        ("de", "12 taschen", True),
        ("de", "sieben tassen", False),
        ("en", "a warranty of three years", False),
        ("en", "5 kg", False),
        ("zh", "20天", True),
        ("zh", "20升", False),
        ("zh", "三升", True),
        ("zh", "18v电钻", False),
    ],
)
def test_a_number_of_another_measure_is_told(language: str, said: str, wrong: bool) -> None:
    (first, *_) = counted(said, language)
    told = [each for each in counted(ROWS[language], language) if each.value == first.value]
    assert told and counts_another(first, told) is wrong
