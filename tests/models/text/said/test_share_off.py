from __future__ import annotations

import pytest

from models.text.said.share_off import shares_off


@pytest.mark.parametrize(
    ("language", "said", "percents"),
    [
        ("en", "the second at half-price", ["50"]),
        ("en", "at half of the original price", ["50"]),
        ("en", "prices are cut in half", ["50"]),
        ("en", "two thirds off", ["66"]),
        ("en", "a quarter of the price", ["75"]),
        ("en", "children pay half", ["50"]),
        ("en", "1⁄3 off, or pay 3/4", ["25", "33"]),
        ("en", "a zip of 1/2 inch", []),
        ("en", "save half the time, half the fun", []),
        ("en", "the third off the line", []),
        ("de", "der erste monat: halber preis", ["50"]),
        ("de", "zwei drittel günstiger", ["66"]),
        ("de", "spare ein viertel", ["25"]),
        ("de", "1/3 günstiger", ["33"]),
        ("de", "halbe größen", []),
        ("zh", "三箱起九折", ["10"]),
        ("zh", "对折", ["50"]),
        ("zh", "三折伞", []),
        ("fr", "à moitié prix", []),
    ],
)
def test_a_share_in_words_is_what_is_off(language: str, said: str, percents: list[str]) -> None:
    assert [each.percent for each in shares_off(said, language)] == percents
