"""A sentence of the row in a description that was written without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.brief.brief import Brief, limits_of
from models.brief.passage import drawn, headlines_of, passages_of
from models.brief.render import render_field
from models.copywriter.checked import checker_of
from models.copywriter.generate import Copywriter
from models.copywriter.own_sentence import Own, with_own, with_passage, without_echo
from models.review.judging import accepted, load_rules, review
from models.text.graphemes import shown_width

BRIEF = Brief(
    "r1", "c", "native", "Pell Yard", "Round Cane Banneton, 22 cm", "banneton", price_minor=1650,
    currency="GBP", facts=("Dispatched from Devon",), text="Unbleached cane with a liner of linen.",
)  # fmt: skip
HEAD = "A <noun> of your own"


def told(headline: str, description: str, brief: Brief) -> str:
    return with_passage(headline, description, brief, drawn(passages_of(brief), 0))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Introducing the <title>. <fact>.", "<passage>. <fact>."),
        ("Yours for <price>.", "<passage>. Yours for <price>."),
        ("The <title> by <brand>. Happy to help. Have a look.", "<passage>. Happy to help. Have a look."),
        ("<passage>. By <brand>.", "<passage>. By <brand>."),
    ],
)
def test_it_takes_the_place_of_the_sentence_that_presents_the_item(written: str, said: str) -> None:
    assert told(HEAD, written, BRIEF) == said


def test_what_no_longer_fits_goes_from_the_end_but_not_what_must_be_said() -> None:
    long = replace(BRIEF, text="Unbleached cane outside, a liner of linen inside, and a tag to hang it by.")
    whole = "The <title>. <fact>. Ask us anything."
    assert told(HEAD, whole, long) == "<passage>."
    open_question = replace(
        long, text="Unbleached cane outside, a liner of linen inside, a tag to hang it by."
    )
    assert told(HEAD, "The <title>. Questions? Just ask any of us.", open_question) == "<passage>."
    required = replace(long, must_use=("Dispatched from Devon",), facts=())
    assert told(HEAD, whole, required) == whole
    short = replace(BRIEF, must_use=("Dispatched from Devon",), facts=(), slot="banner_728x90")
    said = told(HEAD, "The <title>. Ask us anything, at any time. <fact>.", short)
    assert said == "<passage>. <fact>."
    assert shown_width(render_field(said, short)) <= limits_of(short.slot).description


def test_nothing_changes_without_a_passage_without_the_items_name_or_against_the_campaigns_wish() -> None:
    whole = "The <title>. <fact>."
    assert told(HEAD, whole, replace(BRIEF, text="")) == whole
    assert told("All yours", whole, BRIEF) == whole
    avoided = replace(BRIEF, avoid=("linen",))
    assert Own.of(avoided, checker_of(avoided)) == Own((), ())


def test_drafts_for_one_brief_say_one_sentence_or_another_and_a_short_one_may_be_the_headline() -> None:
    stand = replace(
        BRIEF, text="Unbleached cane with a liner of linen. For loaves of up to 900 g. Folds flat."
    )
    own = Own.of(stand, checker_of(stand))
    assert own.headlines == ("For loaves of up to 900 g",) and len(own.passages) > 1
    said = {with_own(HEAD, "The <title>. <fact>.", stand, own, draw) for draw in range(12)}
    assert {passage for _, _, passage in said} == {*own.passages, *own.headlines}
    assert ("<passage>", "The <title>. <fact>.", own.headlines[0]) in said
    asked = replace(stand, style="question")
    heads = {with_own("A <noun>?", "The <title>.", asked, own, draw)[0] for draw in range(12)}
    assert heads == {"A <noun>?"}, "a question stays one"
    unnamed = {with_own(HEAD, "Ask us.", stand, own, draw)[0] for draw in range(12)}
    assert unnamed == {HEAD}, "the headline names what nothing else does"


def test_chinese_sentences_join_without_spaces() -> None:
    stone = replace(
        BRIEF, locale="zh", title="老坑端砚", noun="砚台", text="端石，六寸，配红木盒。", facts=()
    )
    assert told("看看<noun>", "<title>，供你挑选。喜欢就收藏。", stone) == "<passage>。喜欢就收藏。"


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
