"""A sentence of the row in a description that was written without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.brief.brief import Brief, limits_of
from models.brief.passage import headlines_of, passages_of
from models.brief.render import render_field
from models.copywriter.checked import checker_of
from models.copywriter.generate import Copywriter
from models.copywriter.own_sentence import Own, Said, with_own, without_echo
from models.review.judging import accepted, load_rules, review
from models.text.graphemes import shown_width

BRIEF = Brief(
    "r1", "c", "native", "Pell Yard", "Round Cane Banneton, 22 cm", "banneton", price_minor=1650,
    currency="GBP", facts=("Dispatched from Devon",), text="Unbleached cane with a liner of linen.",
)  # fmt: skip
HEAD = "A <noun> of your own"


def told(headline: str, description: str, brief: Brief) -> str | None:
    """What the description becomes with the row's first passage alone."""
    said = with_own(headline, description, brief, Own(passages_of(brief)[:1], ()), 0)
    return said and said.description


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
    assert told(HEAD, "The <title>. Questions? Just ask any of us.", long) == "<passage>."
    required = replace(long, must_use=("Dispatched from Devon",), facts=())
    assert told(HEAD, whole, required) == whole, "no passage leaves room for it"
    short = replace(BRIEF, must_use=("Dispatched from Devon",), facts=(), slot="banner_728x90")
    said = told(HEAD, "The <title>. Ask us anything, at any time. <fact>.", short)
    assert said == "<passage>. <fact>."
    passage = passages_of(short)[0]
    assert shown_width(render_field(said, short, passage)) <= limits_of(short.slot).description


def test_a_draft_that_fits_with_no_passage_and_not_without_one_is_none() -> None:
    endless = replace(BRIEF, text="", title="A" * 60, slot="banner_320x50")
    assert told(HEAD, "The <title>. <fact>.", endless) is None


def test_nothing_changes_without_a_passage_without_the_items_name_or_against_the_campaigns_wish() -> None:
    whole = "The <title>. <fact>."
    assert told(HEAD, whole, replace(BRIEF, text="")) == whole
    assert told("All yours", whole, BRIEF) == whole
    avoided = replace(BRIEF, avoid=("linen",))
    assert Own.of(avoided, checker_of(avoided)) == Own((), ())


TEXT = "Unbleached cane with a liner of linen. For loaves of up to 900 g. Folds flat, with a loop at the rim."


def test_drafts_for_one_brief_say_one_sentence_or_another_and_a_short_one_may_be_the_headline() -> None:
    stand = replace(BRIEF, text=TEXT)
    own = Own.of(stand, checker_of(stand))
    assert own.headlines == ("For loaves of up to 900 g",) and len(own.passages) > 3
    said = [with_own(HEAD, "The <title>. <fact>.", stand, own, draw) for draw in range(24)]
    assert {each and each.passage for each in said} >= {*TEXT.split(". ")[:2], *own.headlines}
    assert Said("<passage>", "The <title>. <fact>.", own.headlines[0]) in said
    asked = replace(stand, style="question")
    heads = {
        each and each.headline
        for each in (with_own("A <noun>?", "The <title>.", asked, own, draw) for draw in range(12))
    }
    assert heads == {"A <noun>?"}, "a question stays one"
    unnamed = [with_own(HEAD, "Ask us.", stand, own, draw) for draw in range(12)]
    assert {each and each.headline for each in unnamed} == {HEAD}, "the headline names what nothing else does"


def test_a_sentence_comes_first_that_leaves_room_and_a_description_that_says_something() -> None:
    stand = replace(BRIEF, text=TEXT)
    own = Own(passages_of(stand), ())
    closing = "The <title>. Ask us anything that you want to know about it."
    said = [with_own(HEAD, closing, stand, own, draw) for draw in range(24)]
    assert all(each and each.whole and each.description.endswith("about it.") for each in said)
    alone = [with_own(HEAD, "The <title>.", stand, own, draw) for draw in range(24)]
    assert all(each and shown_width(each.passage) >= 27 for each in alone)


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
