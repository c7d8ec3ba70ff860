from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.brief.brief import Brief, Copy
from models.choice.ranking import WEIGHTS, best, score_copy
from models.choice.selection import BASE_RATE, Posterior, expected_rate, prior
from models.judge.finding import Finding
from models.judge.judging import Judged
from models.review.simhash import simhash

BRIEF = Brief(
    "r",
    "c",
    "native",
    "Northfold",
    "Enamel Mug",
    "mug",
    price_minor=1250,
    style="offer",
    interest=("hiking boots",),
)
COPY = Copy("A mug for $12.50", "The Enamel Mug for hiking days.", "Shop now", "Northfold")


def test_weights_sum_to_one_and_so_does_the_best_score() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert 0 < score_copy(COPY, BRIEF).total < 1


def test_each_part_looks_at_its_own_matter() -> None:
    base = score_copy(COPY, BRIEF)
    assert score_copy(replace(COPY, headline="A mug"), BRIEF).facts < base.facts == 1
    assert score_copy(COPY, BRIEF, warnings=1).policy == 0.5
    assert (
        score_copy(replace(COPY, description="The Enamel Mug for slow days."), BRIEF).relevance
        < base.relevance
    )
    assert score_copy(COPY, BRIEF, recent=[simhash(COPY)]).novelty == 0
    assert score_copy(COPY, BRIEF, expected_ctr=4 * BASE_RATE).expected_ctr == pytest.approx(0.8)
    assert base.expected_ctr == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("style", "goal", "wants_price"),
    [("offer", "clicks", True), ("direct", "conversions", True), ("direct", "clicks", False)],
)
def test_a_price_is_wanted_of_offers_and_where_sales_are_the_goal(
    style: str, goal: str, wants_price: bool
) -> None:
    brief = replace(BRIEF, style=style, goal=goal)
    assert (score_copy(replace(COPY, headline="A mug"), brief).facts < 1) is wants_price


def test_a_price_is_wanted_where_it_speaks_for_the_item() -> None:
    without, cheap = replace(COPY, headline="A mug"), replace(BRIEF, style="direct", price_speaks=True)
    assert score_copy(without, cheap).facts < score_copy(COPY, cheap).facts
    assert score_copy(without, replace(cheap, price_speaks=False)).facts == 1


def test_a_row_that_offers_no_fact_asks_for_none() -> None:
    bare = Brief("r", "c", "native", "", "", "")
    assert score_copy(Copy("Hello", "There.", "Shop now", ""), bare).facts == 1


LIKED, UNSURE, FAULTY = Judged(1.0, ()), Judged(0.0, ()), Judged(0.0, (Finding("EMPTY", "headline", ""),))


def test_words_are_compared_by_three_letters() -> None:
    """Of "boot" and "boots", with a space before and behind: four and five, three of them alike."""
    brief = replace(BRIEF, interest=("boots",))
    assert score_copy(Copy("boot", "", "", ""), brief).relevance == pytest.approx(2 * 3 / (4 + 5))
    chinese = replace(BRIEF, locale="zh-CN", interest=("徒步鞋",))
    assert score_copy(Copy("徒步", "", "", ""), chinese).relevance == pytest.approx(2 / (1 + 2))


def test_endings_do_not_hide_an_interest_in_any_script() -> None:
    near = score_copy(replace(COPY, description="For every hike in your boot."), BRIEF).relevance
    assert 0.3 < near < 1
    chinese = replace(BRIEF, locale="zh-CN", interest=("徒步鞋",))
    assert (
        score_copy(Copy("杯子", "徒步路上的杯子。", "查看"), chinese).relevance
        > score_copy(Copy("杯子", "清晨的杯子。", "查看"), chinese).relevance
    )


def test_copy_like_yesterdays_loses_against_new_copy() -> None:
    other = Copy("Mug, $12.50", "Pour something warm and go hiking: the Enamel Mug.", "Shop now", "Northfold")
    scores = [score_copy(copy, BRIEF, recent=[simhash(COPY)]) for copy in (COPY, other)]
    assert best(scores, [LIKED, LIKED], [1, 1]) == 1
    assert best([scores[0], scores[0]], [LIKED, LIKED], [1, 1]) == 0


def test_what_a_reader_would_not_run_is_no_better_for_being_new() -> None:
    scores = [score_copy(COPY, BRIEF, recent=[simhash(COPY)]), score_copy(COPY, BRIEF)]
    assert scores[1].total > scores[0].total
    assert best(scores, [LIKED, UNSURE], [1, 1]) == 0
    assert best(scores, [UNSURE._replace(score=0.2), FAULTY], [1, 1]) == 0
    assert best(scores, [UNSURE._replace(score=0.8), LIKED._replace(score=0.82)], [1, 1]) == 1


def test_of_copies_that_readers_run_alike_the_one_that_repeats_least_is_best() -> None:
    alike = [score_copy(COPY, BRIEF)] * 2
    nearly = [LIKED._replace(score=0.86), LIKED._replace(score=0.84)]
    assert best(alike, nearly, [1, 1]) == 0
    assert best(alike, nearly, [0.5, 0.6]) == 1
    doubted = [nearly[0], LIKED._replace(score=0.78)]
    assert best(alike, doubted, [0.5, 0.6]) == 0, "the judge counts twice"


def test_where_nothing_is_new_the_best_goes_out() -> None:
    rank = score_copy(COPY, BRIEF)
    low, high = LIKED._replace(score=0.8), LIKED._replace(score=0.9)
    assert best([rank, rank], [low, high], [0.0, 0.0]) == 1
    assert best([rank, rank], [high, high], [0.0, 0.0]) == 0


def test_an_unknown_arm_is_expected_to_do_as_the_prior_says() -> None:
    start = prior([])
    assert expected_rate(Posterior(), start) == pytest.approx(BASE_RATE)
    assert expected_rate(Posterior(30, 70), start) > 0.1


@given(
    st.text(max_size=40),
    st.text(max_size=90),
    st.lists(st.text(max_size=12), max_size=3),
    st.lists(st.integers(0, 2**64 - 1), max_size=4),
)
def test_scores_stay_within_their_bounds(
    headline: str, description: str, interest: list[str], recent: list[int]
) -> None:
    found = score_copy(
        Copy(headline, description, "", ""), replace(BRIEF, interest=tuple(interest)), 2, recent
    )
    assert all(0 <= getattr(found, name) <= 1 for name in WEIGHTS)
    assert 0 <= found.total <= 1
