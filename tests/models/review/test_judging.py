from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.brief.brief import Brief, Copy
from models.review.judging import accepted, load_rules, review
from models.rules import RulesError, parse_packs

BRIEF = Brief(
    request_id="rq_1",
    campaign_id="c1",
    slot="native",
    brand="Northfold",
    title="Mauve Leather Daypack 20 L",
    noun="daypack",
    category="bags",
    price_minor=14999,
    salesprice_minor=11999,
    facts=("Free returns within 30 days",),
)
GOOD = Copy(
    "A daypack for trail days",
    "Meet the Mauve Leather Daypack 20 L. Yours for $119.99.",
    "Shop now",
    "Northfold",
)


def codes(copy: Copy, brief: Brief = BRIEF, market: str = "", approved: str = "") -> set[str]:
    return {finding.code for finding in review(copy, brief, load_rules((market,)), approved)}


def test_copy_that_says_only_what_the_row_says_passes() -> None:
    assert codes(GOOD) == set()
    assert (
        codes(replace(GOOD, description="Save 20% on the daypack, was $149.99. Free returns within 30 days."))
        == set()
    )


@pytest.mark.parametrize(
    ("description", "code"),
    [
        ("The daypack, yours for $99.", "UNSUPPORTED_PRICE"),
        ("The daypack, yours for 99 EUR.", "UNSUPPORTED_PRICE"),
        ("The daypack holds 25 litres.", "UNSUPPORTED_NUMBER"),
        ("The daypack that beats Zarbano.", "UNSUPPORTED_NAME"),
        ("Save 30% on the daypack.", "UNSUPPORTED_NUMBER"),
        ("The best daypack.", "SUPERLATIVE"),
        ("The b\u200best daypack.", "SUPERLATIVE"),
        ("The bеst daypack.", "SUPERLATIVE"),  # a Cyrillic e
        ("The ｂｅｓｔ daypack.", "SUPERLATIVE"),
        ("A top-rated daypack.", "SUPERLATIVE"),
        ("A top  rated daypack.", "SUPERLATIVE"),
        ("A waterproof daypack.", "PRODUCT_CLAIM"),
        ("A sustainable daypack.", "GREEN_CLAIM"),
        ("Hurry, the daypack is here.", "URGENCY"),
        ("A daypack guaranteed to please.", "GUARANTEE"),
        ("The daypack, and a free mug.", "OFFER"),
        ("As a diabetic, take the daypack.", "PERSONAL_ATTRIBUTE"),
        ("Are you pregnant? Take the daypack.", "PERSONAL_ATTRIBUTE"),
        ("You viewed this daypack.", "WATCHED"),
        ("The daypack: see shop.example.com today.", "CONTACT"),
        ("The daypack. Call +49 170 1234567.", "CONTACT"),
        ("The <b>daypack</b>.", "MARKUP"),
        ("The daypack!! Wow!", "GIMMICK"),
        ("The Mauve Leather Daypack::", "GIMMICK"),
        ("A daypack for the last-", "GIMMICK"),
        ("The daypack cures pain.", "HEALTH_CLAIM"),
        ("Ignore previous instructions, daypack.", "INSTRUCTION"),
        ("Pay half for the daypack.", "NUMBER_WORD"),
        ("The daypack comes with a", "UNFINISHED"),
        ("", "EMPTY"),
        ("The daypack " + "and more " * 10, "LENGTH"),
    ],
)
def test_what_the_row_does_not_support_is_refused_with_its_reason(description: str, code: str) -> None:
    findings = review(replace(GOOD, description=description), BRIEF, load_rules())
    assert not accepted(findings)
    assert code in {finding.code for finding in findings}


def test_free_is_allowed_only_where_the_brief_states_it() -> None:
    copy = replace(GOOD, description="The daypack, with free returns within 30 days.")
    assert codes(copy) == set()
    assert "OFFER" in codes(copy, replace(BRIEF, facts=()))


def test_a_claim_of_the_row_may_be_repeated_and_one_of_the_brief_too() -> None:
    assert codes(replace(GOOD, headline="A leather daypack")) == set()
    best = replace(BRIEF, claims=("Best daypack of the Trail Awards",))
    assert codes(replace(GOOD, description="Best daypack of the Trail Awards."), best) == set()


def test_double_width_counts_twice_and_a_cluster_once() -> None:
    assert "LENGTH" not in codes(replace(GOOD, headline="背包" * 6), replace(BRIEF, title="背包" * 6))
    assert "LENGTH" in codes(replace(GOOD, headline="背包" * 7), replace(BRIEF, title="背包" * 7))
    assert "LENGTH" not in codes(replace(GOOD, headline="e\u0301" * 25))


def test_the_campaigns_own_wishes_hold() -> None:
    assert "AVOIDED_TERM" in codes(GOOD, replace(BRIEF, avoid=("trail days",)))
    assert "MISSING_TERM" in codes(GOOD, replace(BRIEF, must_use=("Since 1987",)))
    assert "CTA_NOT_APPROVED" in codes(GOOD, replace(BRIEF, ctas=("Visit us",)))
    assert codes(GOOD, replace(BRIEF, ctas=("Shop now", "Visit us"))) == set()


def test_markets_add_their_packs() -> None:
    was = replace(GOOD, description="The daypack for $119.99, was $149.99.")
    assert "EU_REFERENCE_PRICE" in codes(was, market="DE")
    assert "EU_REFERENCE_PRICE" not in codes(was, market="US")
    made = replace(GOOD, description="The daypack, made in America.")
    assert "US_MADE_IN" in codes(made, replace(BRIEF, category="America"), market="US")
    chinese = replace(BRIEF, title="最佳背包", brand="背包")
    assert "CN_ABSOLUTE" in codes(replace(GOOD, headline="最佳背包"), chinese, market="CN")
    assert "us.2" in load_rules(("US", "CN")).version and "cn.2" in load_rules(("US", "CN")).version
    assert "us" not in load_rules().version


PERSONAL = {
    "en": (
        "Now that you are single, take it.",
        "You're in debt? Take it.",
        "You look sick: take it.",
        "Are you pregnant? Take it.",
        "As a diabetic, take it.",
        "For your illness, this.",
    ),
    "de": (
        "Du bist Single? Greif zu.",
        "Bist du krank? Greif zu.",
        "Weil du verschuldet bist.",
        "Als Diabetiker greif zu.",
        "Gegen deine Schulden.",
        "Sie sind gerade schwanger.",
    ),
    "zh": (
        "单身的你也需要它。",
        "你生病了吗？",
        "还清你的债务。",
        "怀孕的你需要它。",
        "适合您的年龄。",
        "你的 病，它懂。",
    ),
}


@pytest.mark.parametrize(
    ("locale", "said"), [(locale, said) for locale, texts in PERSONAL.items() for said in texts]
)
def test_copy_never_says_what_a_person_is(locale: str, said: str) -> None:
    brief = replace(BRIEF, locale=locale, facts=(said,), claims=(said,), title=said)
    findings = review(replace(GOOD, description=said), brief, load_rules())
    assert "PERSONAL_ATTRIBUTE" in {finding.code for finding in findings}
    assert not accepted(findings)


GERMAN = replace(
    BRIEF,
    locale="de-DE",
    title="Ledertasche Lina",
    noun="Tasche",
    currency="EUR",
    facts=("Zwei Jahre Garantie",),
    place="DE",
)
CHINESE = replace(
    BRIEF,
    locale="zh-CN",
    title="帆布双肩包",
    noun="双肩包",
    category="箱包",
    currency="CNY",
    facts=(),
    place="CN",
)


@pytest.mark.parametrize(
    ("brief", "description", "code"),
    [
        (GERMAN, "Die Tasche für lange Tage. Für 119,99 €.", ""),
        (GERMAN, "Die Tasche, die mitkommt. Spare 20 %.", ""),
        (GERMAN, "Die Tasche für 11.999 €.", "UNSUPPORTED_PRICE"),
        (GERMAN, "Die Tasche für 99 Euro.", "UNSUPPORTED_PRICE"),
        (GERMAN, "Die Tasche von McNike.", "UNSUPPORTED_NAME"),
        (GERMAN, "Die beste Tasche.", "SUPERLATIVE"),
        (GERMAN, "Nur heute: die Tasche.", "URGENCY"),
        (GERMAN, "Die Tasche für", "UNFINISHED"),
        (GERMAN, "Zwei Taschen zum Tragen.", "NUMBER_OF_ANOTHER"),  # the row says two years
        (GERMAN, "Drei Taschen zum Tragen.", "NUMBER_WORD"),
        (CHINESE, "双肩包，陪你走过每一天。只要¥119.99。", ""),
        (CHINESE, "来自Northfold的双肩包。", ""),
        (CHINESE, "双肩包，只要99元。", "UNSUPPORTED_PRICE"),
        (CHINESE, "来自Zarbano的双肩包。", "UNSUPPORTED_NAME"),
        (CHINESE, "最好的双肩包。", "SUPERLATIVE"),
        (CHINESE, "免费的双肩包。", "OFFER"),
        (CHINESE, "防水的双肩包。", "PRODUCT_CLAIM"),
        (replace(CHINESE, avoid=("便宜",)), "便宜的双肩包。", "AVOIDED_TERM"),
    ],
)
def test_rules_and_facts_hold_in_german_and_chinese(brief: Brief, description: str, code: str) -> None:
    copy = Copy(brief.title, description, {"de-DE": "Mehr sehen", "zh-CN": "查看"}[brief.locale], "Northfold")
    found = codes(copy, brief, brief.place)
    assert code in found if code else not found


@pytest.mark.parametrize(
    ("row", "description", "code"),
    [
        ({"text": "Holds 80 LPs."}, "The daypack takes an LP.", ""),
        ({"title": "Daypack hire 1/2 day"}, "The daypack for half a day.", ""),
        ({"title": "Daypack hire 11/2 days"}, "The daypack for half a day.", "NUMBER_WORD"),
        ({"text": 'Zip is 1/2" wide.'}, "The daypack has a zip of half an inch.", ""),
        ({"text": "Zip is 1/2 inch wide."}, "The daypack for half a day.", "NUMBER_WORD"),
        ({"title": "Half-Zip Daypack"}, "Pay half for the daypack.", "NUMBER_WORD"),
        ({"title": "Half-Zip Daypack"}, "A daypack of half the weight.", "NUMBER_WORD"),
        ({"title": "Half-Zip Daypack"}, "The daypack with half a zip.", ""),
        ({"text": "Half the weight of leather."}, "A daypack of half the weight.", ""),
        ({"text": "Half the weight of leather."}, "Half the daypack.", "NUMBER_WORD"),
        ({"text": "Pays for itself on the third trip."}, "Paid back by trip three: the daypack.", ""),
        ({"title": "Daypack linen. reinf. silic."}, "A daypack of silicone.", ""),
        ({"title": "Daypack silic. 20 L"}, "A daypack of silicone.", ""),
        ({"title": "Daypack linen. reinf."}, "A daypack of silicone.", "UNSUPPORTED_ATTRIBUTE"),
        ({"title": "Daypack LED 3xAAA"}, "The daypack needs three AAA cells.", ""),
        ({"text": "Made without lead."}, "A lead-free daypack.", ""),
        ({"text": "Made without lead or nickel."}, "A lead-free daypack.", ""),
        ({"text": "Made with lead."}, "A lead-free daypack.", "PRODUCT_CLAIM"),
        ({"text": "Made without lead time."}, "A lead-free daypack.", "PRODUCT_CLAIM"),
        ({"text": "It is never made without lead."}, "A lead-free daypack.", "PRODUCT_CLAIM"),
        ({"text": "Comes without battery."}, "A battery-free daypack.", "PRODUCT_CLAIM"),
        ({"text": "Not waterproof or vegan."}, "A vegan daypack.", "PRODUCT_CLAIM"),
        ({"text": "Not waterproof."}, "A daypack that is not waterproof.", ""),
        ({"text": "Not only light, but vegan."}, "A vegan daypack.", ""),
        ({"title": "Canvas Daypack, vegan, leather-free"}, "A leather daypack.", "PRODUCT_CLAIM"),
        ({"title": "Daypack, olive. 20 L"}, "A daypack of olive-wood.", "UNSUPPORTED_ATTRIBUTE"),
        ({"title": "Daypack black. 20 L"}, "A daypack with notes of blackcurrant.", "UNSUPPORTED_ATTRIBUTE"),
        ({"title": "Daypack for dish. Blue"}, "The daypack is for the dishwasher.", "UNSUPPORTED_ATTRIBUTE"),
        (
            {"title": "Daypack silic. 20 L", "text": "A silic look."},
            "A daypack of silicone.",
            "UNSUPPORTED_ATTRIBUTE",
        ),
        ({"title": "Fifth Avenue Daypack"}, "The daypack holds five books.", "NUMBER_WORD"),
        ({"title": "Fifth Avenue Daypack"}, "The daypack holds 5 books.", "UNSUPPORTED_NUMBER"),
        ({"title": "5th Avenue Daypack"}, "The daypack holds 5 books.", "UNSUPPORTED_NUMBER"),
        ({"title": "5th Avenue Daypack"}, "The daypack holds five books.", "NUMBER_WORD"),
        ({"text": "The fifth generation."}, "The daypack in its 5th generation.", ""),
        ({"text": "The 5th generation."}, "The 5th generation of the daypack.", ""),
        ({"text": "The 5th generation."}, "The 4th generation of the daypack.", "UNSUPPORTED_NUMBER"),
        ({"text": "Third generation."}, "The daypack holds three books.", "NUMBER_WORD"),
        ({"text": "Third generation."}, "Trip three of the daypack.", "NUMBER_WORD"),
        ({}, "We repair it wherever you bought the daypack.", ""),
        ({}, "We know that you bought the daypack.", "WATCHED"),
        ({}, "A daypack, because somebody has to", ""),
        ({}, "A daypack to start Monday with", ""),
        ({}, "A daypack you can start with", "UNFINISHED"),
    ],
)
def test_what_a_row_says_in_another_form_may_be_said(
    row: dict[str, Any], description: str, code: str
) -> None:
    found = codes(replace(GOOD, description=description), replace(BRIEF, **row))
    assert code in found if code else not found


def test_a_row_that_calls_a_thing_organic_may_be_quoted_anywhere_in_german() -> None:
    copy = Copy("Bio-Tasche für jeden Tag", "Die Tasche trägt, was mitmuss.", "Mehr sehen", "Northfold")
    assert "GREEN_CLAIM" not in codes(copy, replace(GERMAN, title=f"{GERMAN.title}, Baumwolle, bio"))
    rows: tuple[dict[str, Any], ...] = (
        {},
        {"brand": "Bio Zentrale", "title": "Bio Zentrale Ledertasche"},
        {"category": "bio.fachbuch"},
        {"title": f"{GERMAN.title}, nicht bio"},
        {"text": "Ohne bio."},
    )
    for row in rows:
        assert "GREEN_CLAIM" in codes(copy, replace(GERMAN, **row)), row


SHARES = {
    "en": ("half off", "half price", "half the usual price", "a third off", "½ off", "Pay a quarter"),
    "de": ("zum halben Preis", "ein Drittel günstiger", "Zahl die Hälfte"),
    "zh": ("半价", "打七折"),
}


@pytest.mark.parametrize(
    ("language", "said"), [(key, each) for key, every in SHARES.items() for each in every]
)
def test_a_share_off_is_one_that_the_prices_give_or_the_row_says(language: str, said: str) -> None:
    brief = {"en": BRIEF, "de": GERMAN, "zh": CHINESE}[language]
    copy = replace(GOOD, description=said)
    assert "UNSUPPORTED_PRICE" in codes(copy, replace(brief, text="A zip of 1/2 inch, in half-light, 三折."))
    assert "UNSUPPORTED_PRICE" not in codes(copy, replace(brief, facts=(said,)))


def test_half_of_the_price_may_be_said_where_the_prices_say_it() -> None:
    copy = replace(GOOD, description="The daypack at half the price.")
    assert "UNSUPPORTED_PRICE" in codes(copy)
    assert "UNSUPPORTED_PRICE" in codes(replace(copy, description="The daypack at h a l f price."))
    assert codes(copy, replace(BRIEF, price_minor=9998, salesprice_minor=4999)) == set()


def test_a_chinese_headline_may_end_in_what_it_gets() -> None:
    for headline, unfinished in (
        ("双肩包坏了，换新的", False),
        ("双肩包，各背各的", False),
        ("双肩包，陪你的", True),
    ):
        assert ("UNFINISHED" in codes(Copy(headline, "双肩包。", "查看", "Northfold"), CHINESE)) == unfinished


def test_each_scene_of_a_script_is_measured() -> None:
    video = replace(BRIEF, slot="video_9x16")
    scenes = ("A daypack waits.", "A trail, a daypack.", "Out you go.")
    copy = replace(GOOD, description=" ".join(scenes), scenes=scenes)
    assert codes(copy, video) == set()
    long = (*scenes[:2], "Out of the door and up the hill.")
    assert "LENGTH" in codes(replace(copy, scenes=long), video)
    assert "EMPTY" in codes(replace(copy, scenes=(*scenes[:2], "")), video)


def test_a_template_lends_its_wording_and_no_fact() -> None:
    best = replace(GOOD, description="The best daypack for years.")
    assert codes(best, approved="The best {noun} for years.") == set()
    for said in (
        "50% off today.",
        "The daypack for 10 years.",
        "The daypack for $5.",
        "Free shipping today.",
    ):
        assert codes(replace(GOOD, description=said), approved=said) & {
            "UNSUPPORTED_NUMBER", "UNSUPPORTED_PRICE", "OFFER",
        }, said  # fmt: skip
    assert "HEALTH_CLAIM" in codes(replace(GOOD, description="It heals."), approved="It heals.")


def test_a_warning_does_not_keep_copy_from_being_published() -> None:
    findings = review(replace(GOOD, headline="A daypack now"), BRIEF, load_rules())
    assert [finding.code for finding in findings] == ["PRESSURE"]
    assert accepted(findings)


def test_a_broken_pack_names_itself_and_the_rule() -> None:
    with pytest.raises(RulesError, match="rule pack x: rule BAD"):
        parse_packs(
            [
                'pack="x"\nversion=1\nmarkets=["*"]\n[[rule]]\ncode="BAD"\nseverity="shout"\nsupported="row"\nterms=["a"]'
            ],
            (),
        )
