"""Sentences that go from a description, and the row's that come into it."""

from __future__ import annotations

from dataclasses import replace

from models.brief.brief import Brief
from models.brief.passage import headlines_of, passages_of
from models.copywriter.generate import Copywriter
from models.copywriter.own_sentence import asked_and_answered, without_echo
from models.review.judging import accepted, load_rules, review

BRIEF = Brief(
    "r1", "c", "native", "Pell Yard", "Round Cane Banneton, 22 cm", "banneton", price_minor=1650,
    currency="GBP", facts=("Dispatched from Devon",), text="Unbleached cane with a liner of linen.",
)  # fmt: skip


def test_a_question_stays_with_its_answer() -> None:
    said = asked_and_answered("Cane. Questions? Just ask. Is it what you need?")
    assert said == ("Cane.", "Questions? Just ask.", "Is it what you need?")


def test_a_sentence_that_the_call_to_action_says_goes() -> None:
    assert without_echo("Cane. Find out more.", "Find out more", "en") == "Cane."
    assert without_echo("Find out more.", "Find out more", "en") == "Find out more."
    assert without_echo("端石。查看详情。", "查看详情", "zh") == "端石。"


def parts(brief: Brief) -> tuple[str, ...]:
    return (*passages_of(brief), *headlines_of(brief))


def test_another_text_of_the_row_changes_what_the_copywriter_says_and_review_agrees() -> None:
    others = ("Two plates, 20 cm, and a long lever.", "Woven by hand from rattan in one piece.", BRIEF.text)
    briefs = [replace(BRIEF, text=text, request_id=f"r{n}") for text in others for n in range(4)]
    drafts = Copywriter.load().write(
        briefs, lambda: 1e9, lambda brief, copy: accepted(review(copy, brief, load_rules(())))
    )
    told = [
        any(each in f"{draft.copy.headline} {draft.copy.description}" for each in parts(brief))
        for brief, draft in zip(briefs, drafts, strict=True)
        if draft.copy
    ]
    assert len(told) >= 10 and sum(told) >= 0.8 * len(told)
