"""Copies put together from drafts and the row's own sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from models.brief.brief import Brief, limits_of
from models.brief.passage import headlines_of, passages_of
from models.brief.render import render_field
from models.copywriter.checked import checker_of
from models.copywriter.fit.own import Own
from models.copywriter.plans import Planned, Plans, PointerDraft
from models.evaluation.diversity import distinct
from models.text.graphemes import shown_width
from models.text.sentences import sentences_of
from models.text.variety import Pairs, said_pairs

BRIEF = Brief(
    "r1", "c", "native", "Pell Yard", "Round Cane Banneton, 22 cm", "banneton", price_minor=1650,
    currency="GBP", facts=("Dispatched from Devon",), text="Unbleached cane with a liner of linen.",
)  # fmt: skip
TEXT = "Unbleached cane with a liner of linen. For loaves of up to 900 g. Folds flat, with a loop at the rim."
TITLE = "The <title>."
DRAFTS = (
    PointerDraft("A <noun> of your own", (TITLE, "Ask us anything."), "See more"),
    PointerDraft("Looking for <anoun>?", ("From <brand>: the <title>.", "Yours for <price>."), "See more"),
    PointerDraft("For you: <anoun>", (TITLE, "Sold by <brand>."), "See more"),
)


def plans(
    brief: Brief, drafts: Sequence[PointerDraft] = DRAFTS, said: Pairs = frozenset(), most: int = 6
) -> list[Planned]:
    own = Own.of(brief, checker_of(brief))
    return list(Plans(brief, drafts, own, said, 0).made(most))


def shown(brief: Brief, planned: Planned) -> tuple[str, str]:
    head, text = (
        render_field(each, brief, planned.passage) for each in (planned.headline, planned.description)
    )
    return head, text


def one(*sentences: str) -> tuple[PointerDraft]:
    return (PointerDraft("A <noun> of your own", sentences, "See more"),)


def test_a_sentence_of_the_row_takes_the_place_of_the_one_that_presents_the_item() -> None:
    head, text = shown(BRIEF, plans(BRIEF)[0])
    assert head == "A banneton of your own"
    assert text == "Unbleached cane with a liner of linen. Dispatched from Devon. Yours for £16.50."
    bare = replace(BRIEF, text="", facts=())
    assert shown(bare, plans(bare)[0])[1].startswith("Round Cane Banneton, 22 cm.")
    avoided = replace(BRIEF, avoid=("linen",))
    assert Own.of(avoided, checker_of(avoided)).passages == ()


def test_no_part_comes_twice_while_there_is_another() -> None:
    stand = replace(BRIEF, text=TEXT)
    made = plans(stand, most=3)
    assert len({each.headline for each in made}) == 3
    assert [each.passage for each in made] == list(passages_of(stand)[:3])
    first, second, _ = (shown(stand, each)[1] for each in made)
    assert "Dispatched from Devon" in first and "Dispatched from Devon" not in second


def test_what_other_copy_for_the_item_says_comes_last() -> None:
    stand = replace(BRIEF, text=TEXT)
    said = said_pairs(
        "A banneton of your own", "Unbleached cane with a liner of linen. Dispatched from Devon."
    )
    asked = replace(stand, style="question")
    head, text = shown(asked, plans(asked, said=said)[0])
    assert head == "Looking for a banneton?"
    assert "liner" not in text and "Devon" not in text
    again = said | said_pairs("", TEXT) | said_pairs("", "The Round Cane Banneton, 22 cm.")
    texts = [shown(asked, each)[1] for each in plans(asked, said=again, most=2)]
    assert all(any(each in text for each in passages_of(asked)) for text in texts)


def test_copies_that_know_each_other_differ_more_than_those_that_do_not() -> None:
    stand = replace(BRIEF, text=TEXT)
    said: Pairs = frozenset()
    apart, together = [], []
    for _ in range(6):
        apart.append(" \n ".join(shown(stand, plans(stand)[0])))
        head, text = shown(stand, plans(stand, said=said)[0])
        said |= said_pairs(head, text)
        together.append(f"{head} \n {text}")
    assert distinct(together, 2) > 0.6 > 2 * distinct(apart, 2)


def test_what_states_nothing_comes_last_and_never_alone() -> None:
    drafts = (PointerDraft("<anoun>?", ("Ask us anything.", "More on our page."), "See more"),)
    bare = replace(BRIEF, text="", facts=())
    assert plans(bare, drafts) == []
    offered = replace(BRIEF, text="")
    assert shown(offered, plans(offered, drafts)[0])[1] == "Dispatched from Devon. Ask us anything."


def test_nothing_is_said_twice() -> None:
    drafts = (
        PointerDraft("<short>: <price>", (TITLE, "Yours for <price>.", "Pick your banneton."), "See more"),
    )
    for planned in plans(BRIEF, drafts):
        head, text = shown(BRIEF, planned)
        assert f"{head} {text}".count("£16.50") == 1
    named = replace(BRIEF, text="Each banneton is of cane.")
    assert shown(named, plans(named, drafts)[0])[1].casefold().count("banneton") == 1


def test_it_fits_and_says_what_the_campaign_requires() -> None:
    required = replace(BRIEF, must_use=("Dispatched from Devon",), facts=(), slot="banner_728x90", text=TEXT)
    made = plans(required, one(TITLE, "Ask us anything, at any time.", "<fact>."))
    assert made and all("<fact>" in each.description for each in made)
    limit = limits_of(required.slot).description
    assert all(shown_width(shown(required, each)[1]) <= limit for each in made)
    endless = replace(BRIEF, text="", title="A" * 60, slot="banner_320x50", facts=())
    assert plans(endless, one(TITLE)) == []


def test_a_sentence_of_the_row_may_be_the_headline_where_the_description_names_the_item() -> None:
    stand = replace(BRIEF, text=TEXT)
    heads = {each.passage: each for each in plans(stand, one(TITLE)) if each.headline == "<passage>"}
    assert set(heads) == set(headlines_of(stand))
    assert all("<title>" in each.description for each in heads.values())
    asked = replace(stand, style="question")
    assert "<passage>" not in {each.headline for each in plans(asked, one(TITLE))}
    unnamed = plans(stand, (PointerDraft("All yours", (TITLE, "Ask us."), "See more"),), most=1)
    assert all("<title>" in each.description for each in unnamed)


def test_a_title_that_is_cut_off_is_said_where_there_is_nothing_else() -> None:
    title = "Hollin Hive Co. National Brood Box Beehive for Eleven Frames, Flat-Packed Cedar"
    long = replace(BRIEF, title=title, text=TEXT, facts=(), slot="text")
    assert not any("<title>" in each.description for each in plans(long) if each.headline != "<passage>")


def test_a_sentence_that_repeats_the_title_is_no_headline_beside_it() -> None:
    stand = replace(BRIEF, text="Woven cane for loaves.")
    assert headlines_of(stand)
    heads = {each.passage for each in plans(stand, one(TITLE)) if each.headline == "<passage>"}
    assert "Woven cane for loaves" not in heads


def test_a_chinese_title_of_several_parts_is_not_run_together() -> None:
    pair = replace(
        BRIEF,
        locale="zh",
        title="黄铜镇尺一对 20厘米 刻竹",
        noun="镇尺",
        text="每支重三百克，附送木盒。",
        facts=(),
    )
    drafts = (PointerDraft("看看<noun>", ("<brand>的<title>，供你挑选。", "喜欢就收藏。"), "查看详情"),)
    assert not any("<title>" in each.description for each in plans(pair, drafts, most=1))


def test_chinese_sentences_join_without_spaces() -> None:
    stone = replace(
        BRIEF, locale="zh", title="老坑端砚", noun="砚台", text="端石，六寸，配红木盒。", facts=()
    )
    drafts = (PointerDraft("看看<noun>", ("<title>，供你挑选。", "喜欢就收藏。"), "查看详情"),)
    assert shown(stone, plans(stone, drafts)[0])[1] == "端石，六寸，配红木盒。喜欢就收藏。"


@pytest.mark.parametrize(
    ("brief", "sentences", "twice"),
    [
        (replace(BRIEF, facts=("Only £16.50 this week",), text=""), ("Yours for <price>.", TITLE), "£16.50"),
        (replace(BRIEF, text="Ships from Pell Yard."), ("Find it at <brand>.", TITLE), "Pell Yard"),
        (
            replace(BRIEF, title="Pell Yard Banneton", text=""),
            ("From <brand>: the <title>.", TITLE),
            "Pell Yard",
        ),
        (
            replace(BRIEF, locale="de", title="Garnkorb Lina", noun="Garnkorb", text="Er wiegt 16,50 Gramm."),
            ("<title> für <price>.", "Das kostet <price>."),
            "16,50",
        ),
        (
            replace(
                BRIEF,
                locale="zh",
                title="老坑端砚",
                noun="砚台",
                currency="CNY",
                facts=("本周¥16.50",),
                text="",
            ),
            ("<title>，<price>。", "<title>，供你挑选。"),
            "16.50",
        ),
    ],
)
def test_what_a_statement_spells_out_no_pointer_says_again(
    brief: Brief, sentences: tuple[str, ...], twice: str
) -> None:
    head = PointerDraft("看看<noun>" if brief.locale == "zh" else "<noun>", sentences, "See more")
    made = [" ".join(shown(brief, each)) for each in plans(brief, (head,))]
    assert made and all(each.count(twice) <= 1 for each in made)


def test_every_copy_says_a_sentence_of_the_row_that_has_one() -> None:
    made = plans(BRIEF)
    assert len({(each.headline, each.description) for each in made}) == 6
    assert all(each.passage for each in made)
    required = replace(BRIEF, must_use=("Dispatched from Devon",))
    assert plans(required) and not all(each.passage for each in plans(required, one("<fact>.", TITLE)))


def test_a_plan_that_comes_again_is_not_the_end() -> None:
    drafts = tuple(PointerDraft("A <noun> of your own", (TITLE,), "See more") for _ in range(6))
    two = (
        *drafts,
        PointerDraft("For you: <anoun>", ("Yours for <price>.", "Find it at <brand>."), "See more"),
    )
    assert len(plans(BRIEF, two)) == 6


@pytest.mark.parametrize(
    ("locale", "headline", "text"),
    [
        ("en", "<anoun> of your own", "Gives your sourdough a spiral crust."),
        ("en", "A <noun> with character", "Lined with linen from Devon mills."),
        ("de", "<noun> für deine Liste", "Deine Laibe liegen nach dem Gehen auf Leinen."),
    ],
)
def test_words_that_tell_nothing_are_not_said_twice(locale: str, headline: str, text: str) -> None:
    brief = replace(BRIEF, locale=locale, text=text, facts=())
    assert text.rstrip(".") in {each.passage for each in plans(brief, (PointerDraft(headline, (), "Mehr"),))}


def test_a_draft_that_says_a_word_again_is_better_than_none() -> None:
    brief = replace(BRIEF, text="", facts=())
    draft = PointerDraft("A <noun> with flair", ("The <title> with flair, for <price>.",), "See more")
    assert [shown(brief, each)[0] for each in plans(brief, (draft,))] == ["A banneton with flair"]


@pytest.mark.parametrize(
    ("locale", "headline", "beside"),
    [
        ("en", "In our shop: <anoun>", "<brand> has it."),
        ("en", "In our shop: <anoun>", "Sold by <brand>."),
        ("en", "<anoun>? Found it!", "<brand> has it."),
        ("de", "Im Shop: <noun>", "<brand> hat das."),
        ("de", "Gefunden: <noun>", "Erhältlich bei <brand>."),
        ("zh", "店里的<noun>", "<brand>有售。"),
    ],
)
def test_the_seller_is_named_once(locale: str, headline: str, beside: str) -> None:
    stop = "。" if locale == "zh" else "."
    draft = PointerDraft(headline, (f"<title>{stop}", beside), "See more")
    brief = replace(BRIEF, locale=locale, text="", title="Korb" if locale == "de" else BRIEF.title)
    made = plans(brief, (draft,))
    assert made and not any(beside in each.description for each in made)


def test_neither_stubs_nor_the_call_to_action_are_said_again() -> None:
    draft = PointerDraft("<anoun>", ("For <price>.", "From <brand>.", "Find out more."), "Learn more")
    for planned in plans(BRIEF, (draft,)):
        assert not {"For <price>.", "From <brand>."} <= set(sentences_of(planned.description))
        assert "Find out more" not in planned.description
    yours = PointerDraft("<anoun>", ("<brand> has the <title> for you.", "For <price>."), "Shop now")
    title = replace(BRIEF, title="Cane Basket", text="", facts=())
    assert all("you. For" not in shown(title, each)[1] for each in plans(title, (yours,)))


@pytest.mark.parametrize(
    ("locale", "headline", "sentence"),
    [
        ("en", "For you: <anoun>", "In our shop: the <title>."),
        ("de", "Für dich: <noun>", "Darum geht es: <title>."),
        ("zh", "认识<noun>", "为你介绍：<title>。"),
    ],
)
def test_two_parts_that_only_name_the_item_make_no_copy_while_there_is_more(
    locale: str, headline: str, sentence: str
) -> None:
    priced = "售价<price>。" if locale == "zh" else "<price>."
    brief = replace(BRIEF, locale=locale, title="Hobo Korb", text="", facts=())
    for each in plans(brief, (PointerDraft(headline, (sentence, priced), "See more"),)):
        assert "<price>" in each.description


@pytest.mark.parametrize(
    ("locale", "title", "text"),
    [
        ("zh", "铸铁章鱼烧盘18孔", "铸铁，18孔，孔径4厘米。"),
        ("de", "Wecktopf, emailliert", "Emaillierter Stahl mit Hahn."),
        ("en", "Oak Stool", "Solid oak seats."),
    ],
)
def test_a_material_or_size_of_the_title_is_not_said_beside_it(locale: str, title: str, text: str) -> None:
    brief = replace(BRIEF, locale=locale, title=title, noun="x", text=text, facts=())
    stop = "。" if locale == "zh" else "."
    for each in plans(brief, (PointerDraft("<noun>", (f"<title>{stop}", f"<price>{stop}"), "See more"),)):
        assert "<title>" not in each.description or not each.passage


def test_beside_name_and_brand_a_description_tells_something_where_there_is_anything_to_tell() -> None:
    drafts = [
        PointerDraft(each, (TITLE, "Find it at <brand>.", "Ask us anything."), "See more")
        for each in ("Looking for <anoun>?", "For you: <anoun>", "Your <noun>", "<noun>: <price>")
    ]
    for brief in (BRIEF, replace(BRIEF, text=""), replace(BRIEF, facts=())):
        told = [shown(brief, each)[1] for each in plans(brief, drafts, most=12)]
        assert told and all("linen" in each or "Devon" in each or "£" in each for each in told)
    bare = replace(BRIEF, text="", facts=())
    assert plans(bare, drafts), "where there is nothing, the title has to do"


def test_a_service_says_what_it_is_about() -> None:
    service = replace(BRIEF, title="Bicycle Frame Alignment", noun="frame alignment", text=TEXT)
    drafts = (*DRAFTS, PointerDraft("Frame care: <noun>", (TITLE, "<brand> has it."), "See more"))
    made = [" ".join(shown(service, each)) for each in plans(service, drafts)]
    assert made and all("Bicycle" in each and "has it" not in each for each in made)


def test_a_title_like_a_price_list_is_a_sentence_of_its_own() -> None:
    atlas = replace(BRIEF, title="Star Atlas, Spiral Bound, 2nd Ed.", noun="star atlas", text="", facts=())
    made = plans(
        atlas, (PointerDraft("<noun>", ("<brand> has the <title> for you.", "<price>."), "See more"),)
    )
    assert {shown(atlas, each)[1].partition("Ed.")[0] for each in made} == {"Star Atlas, Spiral Bound, 2nd "}


def test_a_stub_does_not_open_a_description() -> None:
    brief = replace(BRIEF, text="")
    for each in plans(brief, (PointerDraft("<anoun>", ("From <brand>.", "For <price>."), "See more"),)):
        assert not shown(brief, each)[1].startswith(("From", "For £16.50. Dis"))


@pytest.mark.parametrize("price", ["It costs", "For"])
def test_a_price_is_never_that_of_what_the_sentence_before_it_is_about(price: str) -> None:
    """ "Dispatched from Devon. It costs £16.50.": the dispatch does not."""
    behind = set[str]()
    for brief in (BRIEF, replace(BRIEF, text="")):
        for each in plans(brief, one("The <title>.", f"{price} <price>.")):
            before, found, _ = shown(brief, each)[1].partition(f"{price} £")
            behind |= {before.rstrip()} if found else set()
    assert any(behind) and all(each.endswith("22 cm.") for each in behind if each)


def test_a_sentence_of_the_row_that_speaks_of_the_price_is_not_said() -> None:
    brief = replace(BRIEF, text="The price is for one basket. Unbleached cane.")
    assert not [each for each in Own.of(brief, checker_of(brief)).passages if "price" in each]


def test_a_price_does_not_stand_before_a_sentence_that_has_no_subject() -> None:
    bare = replace(BRIEF, facts=())
    priced = one(TITLE, "It costs <price>.")
    assert any("It costs" in shown(bare, each)[1] for each in plans(bare, priced))
    flat = replace(bare, text="Folds flat, with a loop at the rim.")
    made = [shown(flat, each)[1] for each in plans(flat, priced)]
    assert made and all("Folds flat" in each and "It costs" not in each for each in made)


def test_a_headline_is_the_noun_where_no_draft_has_one_of_use() -> None:
    nothing = (PointerDraft("", (TITLE,), "See more"),)
    assert {each.headline for each in plans(BRIEF, nothing)} == {"<noun>"}
    assert plans(replace(BRIEF, text=""), nothing) == []


@pytest.mark.parametrize(
    ("locale", "calls"),
    [
        ("en", ("Find it at <brand>.", "Come and have a look.")),
        ("zh", ("来<brand>看看。", "欢迎进店逛逛。")),
        ("de", ("Mehr dazu bei <brand>.", "Fragen? Frag uns.")),
    ],
)
def test_a_description_calls_once(locale: str, calls: tuple[str, str]) -> None:
    item = replace(BRIEF, locale=locale, facts=())
    texts = [shown(item, each)[1] for each in plans(item, (PointerDraft("<noun>", calls, "OK"),))]
    called = [sum(render_field(each, item) in text for each in calls) for text in texts]
    assert max(called) == 1


def test_the_title_tells_of_a_row_whose_text_says_nothing_that_an_ad_may_say() -> None:
    mute = replace(BRIEF, text="pls check size before order!! pic may differ")
    made = plans(mute, one(TITLE, "Sold by <brand>.", "Yours for <price>."))
    assert made and all("22 cm" in shown(mute, each)[1] for each in made)
