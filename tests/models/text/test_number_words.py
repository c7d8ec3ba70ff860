from __future__ import annotations

import pytest

from models.text.number_words import in_figures, said_numbers


@pytest.mark.parametrize(
    ("language", "said", "figures"),
    [
        ("en", "twenty-five years and two bells", "25 years and 2 bells"),
        ("en", "a hundred and five steps, twice a week", "105 steps, 2 a week"),
        ("en", "someone weighs nothing tenderly", "someone weighs nothing tenderly"),
        ("en", "wiper blades, pair; a dual arm", "wiper blades, 2; a 2 arm"),
        ("en", "from the third visit, cut in halves", "from the 3 visit, cut in 0.5"),
        ("de", "buchstützen, paar", "buchstützen, 2"),
        ("de", "fünfundvierzig minuten, dreistündig, zweihundert", "45 minuten, 3stündig, 200"),
        ("de", "ein elfenbeinknopf", "ein elfenbeinknopf"),
        ("de", "achtung, zweige, dreist, eine viertelstunde", "achtung, zweige, dreist, eine viertelstunde"),
        ("zh", "十二小时，三万五千步，两条绑带", "12小时，35000步，2条绑带"),
        ("zh", "双层鞋架，一双鞋", "2层鞋架，1双鞋"),
        ("fr", "deux cloches", "deux cloches"),
    ],
)
def test_numbers_in_words_are_numbers(language: str, said: str, figures: str) -> None:
    assert in_figures(said, language) == figures


@pytest.mark.parametrize(
    ("language", "said", "rank"),
    [
        ("en", "fifth", True),
        ("en", "five", False),
        ("de", "die vierten", True),
        ("de", "das achte", True),
        ("de", "vier", False),
        ("de", "dreiteilig", False),
        ("zh", "第三代", True),
        ("zh", "三代", False),
    ],
)
def test_which_one_is_not_how_many(language: str, said: str, rank: bool) -> None:
    assert [each.is_rank for each in said_numbers(said, language)] == [rank]
