"""What is expected where no exposure speaks: it lifts what the user takes by himself, less the more exposures
were learnt."""

from __future__ import annotations

import numpy as np
import pytest

from models.choice.expected_clicks import AWARENESS, CONVERSIONS
from models.choice.expected_takes import TAKEN, TakesOpinion, item_traits
from models.click.behaviour import ItemTraits, UserWants, unexposed
from models.click.model import LEAST_CLICKS, MOST_LIFT
from tests.models.choice.test_expected_clicks import learnt
from tests.models.small_catalogue import catalogue

CUP, RUG = ItemTraits("cup", "cups", 2), ItemTraits("rug", "rugs", 2)
LIKES_CUPS = UserWants(("cups",), ("saucer",), 2)
MODEL = learnt(
    [unexposed(CUP, LIKES_CUPS), unexposed(RUG, LIKES_CUPS)], lambda each: 0.5 if each.code == "cups" else 0.1
)
LEVEL = np.zeros(2)


def lead(opinion: TakesOpinion, goal: str = "clicks") -> float:
    cup, rug = opinion.scores(LEVEL, [CUP, RUG], LIKES_CUPS, goal)
    return float(cup - rug)


def test_what_a_user_takes_by_himself_leads_by_no_more_than_the_bound() -> None:
    assert TAKEN * np.log(2) < lead(TakesOpinion(MODEL)) <= 2 * TAKEN * np.log(MOST_LIFT)


def test_the_more_exposures_were_learnt_the_less_is_said() -> None:
    assert lead(TakesOpinion(MODEL, LEAST_CLICKS)) == pytest.approx(lead(TakesOpinion(MODEL)) / 2)
    assert lead(TakesOpinion(MODEL, 99 * LEAST_CLICKS)) == pytest.approx(lead(TakesOpinion(MODEL)) / 100)


def test_a_goal_of_conversions_counts_what_is_bought_and_awareness_nothing() -> None:
    opinion = TakesOpinion(MODEL)
    bought = MODEL.conversion_rates([unexposed(each, LIKES_CUPS) for each in (CUP, RUG)])
    expected = lead(opinion) + TAKEN * float(np.log(bought[0] / bought[1]))
    assert lead(opinion, CONVERSIONS) == pytest.approx(expected)
    assert lead(opinion, AWARENESS) == 0


def test_an_item_is_asked_for_by_name_code_and_price_tier() -> None:
    catalog = catalogue()
    told = [item_traits(catalog, row) for row in range(len(catalog.items))]
    assert [each.item_id for each in told] == [item.item_id for item in catalog.items]
    dearest, cheapest = int(np.nanargmax(catalog.price_z)), int(np.nanargmin(catalog.price_z))
    assert (told[dearest].price, told[cheapest].price) == (5, 1)
    assert told[0].code == catalog.code_names[int(catalog.codes[0])]
