from __future__ import annotations

import pytest

from models.intent.classifier import fitted, intent_classifier
from models.intent.examples import FITTED, HELD_OUT, labelled
from models.intent.understanding import SURE, understanding_words, understood
from tests.bench.choice.bench_intent import cross_validated, held_out


def test_a_stated_goal_always_wins() -> None:
    of = understood("awareness", ["Order now and pay by invoice", "Add it to your basket"])
    assert (of.goal, of.stated) == ("awareness", True)
    assert understanding_words(of) == "awareness, as stated"


@pytest.mark.parametrize(
    ("told", "intent", "goal"),
    [
        (
            "Brand film: the story of our workshop, discover what we stand for",
            "awareness",
            "awareness",
        ),
        ("30% off all lamps until Sunday, voucher on the page, while stocks last", "promotion", "clicks"),
        ("Order online, free returns, delivered tomorrow, pay by invoice", "conversion", "conversions"),
        (
            "Jetzt online bestellen, auf Rechnung kaufen, bis Freitag geliefert",
            "conversion",
            "conversions",
        ),
        ("Rabatt auf alle Lampen bis Sonntag, nur solange der Vorrat reicht", "promotion", "clicks"),
        ("认识我们的品牌,讲述三代人的故事", "awareness", "awareness"),
    ],
)
def test_a_brief_that_says_what_it_is_for_sets_the_goal(told: str, intent: str, goal: str) -> None:
    of = understood(None, [told])
    assert (of.intent, of.goal, of.stated) == (intent, goal, False)
    assert of.share >= SURE
    assert understanding_words(of) == f"{goal}: its brief reads as {intent}, {of.share:.2f} sure"


@pytest.mark.parametrize(
    "told", [[], [""], ["Free returns within 30 days", "Frame of steel, 9 kg"], ["xyzzy"]]
)
def test_a_brief_that_does_not_say_leaves_the_usual_goal(told: list[str]) -> None:
    of = understood(None, told)
    assert (of.goal, of.intent) == ("clicks", "")
    assert understanding_words(of) == "clicks, as usual: its brief does not tell what it is for"


def test_briefs_are_enough_and_none_is_held_out_and_fitted_to() -> None:
    fit, held = ({each.text for each in labelled(names)} for names in (FITTED, [HELD_OUT]))
    assert len(fit) >= 240 and len(held) >= 50 and not fit & held


def test_what_is_sure_is_right_in_most_briefs_that_nothing_was_fitted_to() -> None:
    for found in (held_out(), cross_validated()):
        assert found.accuracy > 0.65 and found.sure > 0.45 and found.right > 0.82


def test_a_fit_is_the_same_each_time() -> None:
    text = ["Order today, delivered tomorrow"]
    again = fitted(labelled(FITTED)).shares_of(text)
    assert (again == intent_classifier().shares_of(text)).all()
