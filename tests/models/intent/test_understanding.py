from __future__ import annotations

import pytest

from models.intent.classifier import fitted_intents, intent_classifier
from models.intent.examples import FED, FITTED, HELD_OUT, UNSTATED, labelled_briefs
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
        ("Sell the lamps: order online today, checkout in three steps", "conversion", "conversions"),
        (
            "Ziel sind mehr Bestellungen: jetzt online bestellen, Kasse in drei Schritten",
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
    "told",
    [
        [],
        [""],
        ["Free returns within 30 days", "Frame of steel, 9 kg"],
        ["xyzzy"],
        ["Family business since 1950"],
        ["Our name stands for quality"],
        ["Seit drei Generationen"],
        ["Delivered tomorrow"],
        ["Kauf auf Rechnung"],
        ["Order now"],
        ["Discover"],
        ["Family business since 1950", "Our name stands for quality", "Delivered tomorrow"],
        ["三代传承", "次日送达"],
    ],
)
def test_a_brief_that_does_not_say_leaves_the_usual_goal(told: list[str]) -> None:
    of = understood(None, told)
    assert (of.goal, of.intent) == ("clicks", "")
    assert understanding_words(of) == "clicks, as usual: its brief does not tell what it is for"


def test_what_is_unlike_the_briefs_is_not_known() -> None:
    words = ["quorble", "zintar", "melvask", "prondel", "aktuvim", "dorsenk", "hulmipa", "wexbor"]
    assert understood(None, words).intent == ""
    assert understood(None, ["Brand film of our story", *words, *(word[::-1] for word in words)]).intent == ""


def test_briefs_are_enough_and_none_is_held_out_and_fitted_to() -> None:
    fit, prose, fed = (
        {each.text for each in labelled_briefs(names)} for names in (FITTED, [HELD_OUT], [FED])
    )
    assert len(fit) >= 240 and len(prose) >= 50 and len(fed) >= 30 and not fit & (prose | fed)


def test_what_is_read_is_right_in_nine_of_ten_briefs_that_nothing_was_fitted_to() -> None:
    for found, least in ((held_out(FED), 0.4), (cross_validated(), 0.1)):
        assert found.right >= 0.9 and found.sure >= least
    assert held_out(HELD_OUT).accuracy > 0.6


def test_facts_that_are_held_out_and_do_not_tell_never_make_a_goal() -> None:
    for each in labelled_briefs([FED]):
        assert each.intent != UNSTATED or understood(None, [each.text]).goal == "clicks", each.text


def test_a_fit_is_the_same_each_time() -> None:
    text = ["Order today, delivered tomorrow"]
    again = fitted_intents(labelled_briefs(FITTED)).shares_of(text)
    assert (again == intent_classifier().shares_of(text)).all()
