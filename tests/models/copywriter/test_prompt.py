from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.brief.brief import (
    CHANNELS,
    LIMITS,
    SCENES,
    Brief,
    copy_channel_of,
    limits_of,
    scene_limit,
    scenes_of,
)
from models.brief.price import percent_text, price_text
from models.brief.render import join_scenes, own_words, render_field
from models.brief.slots import slot_texts
from models.copywriter.prompt import (
    PROMPT_LIMIT,
    SPECIALS,
    TOLD_LANGUAGES,
    Vocabulary,
    prompt_ids,
    prompt_parts,
)
from tests.models.copywriter.vocabulary import VOCABULARY

BASE = Brief(
    "rq", "c", "native", "Northfold", "Enamel Mug", "mug", "kitchen", price_minor=129900,
    interest=("hiking",), daypart="morning",
    weekday="saturday", device="phone", place="US", ctas=("Shop now",), facts=("Oven safe",),
)  # fmt: skip


def names(brief: Brief) -> list[str]:
    return [
        SPECIALS[token - VOCABULARY.text_size]
        for token in prompt_ids(brief, VOCABULARY)
        if token >= VOCABULARY.text_size
    ]


def test_prompts_of_a_campaign_and_slot_share_their_beginning() -> None:
    other = replace(
        BASE,
        request_id="rq2",
        title="Oak Desk",
        noun="desk",
        price_minor=None,
        interest=("music",),
        daypart="",
        style="offer",
    )
    assert prompt_parts(BASE, VOCABULARY)[0] == prompt_parts(other, VOCABULARY)[0]
    assert prompt_parts(BASE, VOCABULARY)[1] != prompt_parts(other, VOCABULARY)[1]
    assert len(prompt_parts(BASE, VOCABULARY)[0]) >= 10
    for change in (
        {"brand": "Quill & Ash Trading"},
        {"goal": "awareness"},
        {"tone": "bold"},
        {"slot": "text"},
        {"locale": "de"},
        {"ctas": ()},
    ):
        assert prompt_parts(replace(BASE, **change), VOCABULARY)[0] != prompt_parts(BASE, VOCABULARY)[0]


def test_everything_copy_is_conditioned_on_is_in_the_prompt() -> None:
    for change in (
        {"interest": ("music",)}, {"goal": "awareness"}, {"tone": "bold"}, {"style": "scene"},
        {"daypart": "night"}, {"weekday": "monday"},
        {"device": "tv"}, {"place": "GB"}, {"locale": "zh-CN"}, {"returning": True}, {"price_minor": None},
        {"title": "Tent", "noun": "tent", "category": ""},
    ):  # fmt: skip
        assert prompt_ids(replace(BASE, **change), VOCABULARY) != prompt_ids(BASE, VOCABULARY), change


@pytest.mark.parametrize("slot", LIMITS)
@pytest.mark.parametrize("language", TOLD_LANGUAGES)
def test_a_prompt_names_its_language_and_channel(slot: str, language: str) -> None:
    found = names(replace(BASE, slot=slot, locale=language))
    assert f"lang_{language}" in found
    assert f"channel_{copy_channel_of(slot)}" in found
    assert ("spelling_us" in found) == (language == "en")


@pytest.mark.parametrize(
    ("change", "spelt"),
    [
        ({}, "us"), ({"place": "GB"}, "uk"), ({"locale": "en-AU"}, "uk"), ({"currency": "GBP"}, "uk"),
        ({"currency": "EUR"}, "us"),
    ],
)  # fmt: skip
def test_english_is_spelt_as_reader_locale_or_the_shops_money_say(change: dict[str, Any], spelt: str) -> None:
    assert f"spelling_{spelt}" in names(replace(BASE, **change))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Confident", "bold"),
        ("elegant", "premium"),
        ("plain", "practical"),
        ("cheerful", "friendly"),
        ("?", "friendly"),
    ],
)
def test_a_tone_in_a_campaigns_own_word_is_told_as_the_nearest_one_known(asked: str, told: str) -> None:
    assert [name for name in names(replace(BASE, tone=asked)) if name.startswith("tone_")] == [f"tone_{told}"]


def test_a_model_is_not_told_what_it_was_not_trained_with() -> None:
    older = Vocabulary(VOCABULARY.tokenizer, VOCABULARY.topics, SPECIALS[: SPECIALS.index("lang_en")])
    ids = prompt_ids(BASE, older)
    assert max(ids) < older.size
    assert [token for token in prompt_ids(BASE, VOCABULARY) if token < older.size] == ids


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["en", "de", "zh"]))
def test_text_of_others_adds_no_control_tokens_and_prompts_stay_short(
    title: str, other: str, locale: str
) -> None:
    hostile = replace(
        BASE,
        title=title,
        noun=other,
        category=title,
        brand=other,
        interest=(title, other),
        facts=(title,),
        ctas=(other, title),
        locale=locale,
    )
    known = set(names(replace(BASE, locale=locale, ctas=("a", "b"), interest=("a", "b"))))
    assert {
        name for name in names(hostile) if not name.startswith(("len_", "num_", "item_", "interest_"))
    } <= known
    assert len(prompt_ids(hostile, VOCABULARY)) <= PROMPT_LIMIT


def test_channels_and_scripts() -> None:
    assert {copy_channel_of(slot) for slot in LIMITS} == set(CHANNELS)
    assert copy_channel_of("unheard of") == "banner"
    for slot in ("video_16x9", "video_9x16"):
        assert SCENES * scene_limit(slot) + SCENES - 1 <= limits_of(slot).description
    assert scenes_of("video_9x16", "One. Two. Three.") == ("One.", "Two.", "Three.")
    assert scenes_of("video_9x16", "一。二。三。") == ("一。", "二。", "三。")
    assert scenes_of("video_9x16", "One. Two.") == scenes_of("native", "One. Two. Three.") == ()
    assert join_scenes(("一。", "二。"), "zh-CN") == "一。二。"


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (129900, "USD", "en-US", "$1,299"), (129950, "USD", "en", "$1,299.50"),
        (129900, "EUR", "de-DE", "1.299,00 €"),
        (1250, "CHF", "de-CH", "CHF 12.50"), (129900, "CNY", "zh-CN", "¥1,299.00"),
        (900, "JPY", "de", "900 ¥"), (900, "JPY", "en", "¥900"),
        (129900, "EUR", "fr-FR", "1\u00a0299,00 €"),
    ],
)  # fmt: skip
def test_prices_are_written_as_the_language_does(minor: int, currency: str, locale: str, text: str) -> None:
    assert price_text(minor, currency, locale) == text


def test_percentages_are_written_as_the_language_does() -> None:
    assert [percent_text(25, locale) for locale in ("en", "de-DE", "zh", "tr")] == [
        "25%",
        "25 %",
        "25%",
        "%25",
    ]


def test_pointers_need_no_grammar_the_row_does_not_give() -> None:
    german = slot_texts(
        replace(
            BASE,
            locale="de-DE",
            noun="kaffeemühle",
            title="KAFFEEMÜHLE X2",
            must_use=("Mit Deckel.", "Zwei Jahre Garantie"),
        )
    )
    assert german["noun"] == "Kaffeemühle"
    assert not {"anoun", "nouns"} & set(german)
    assert german["fact"] == "Mit Deckel. Zwei Jahre Garantie"
    chinese = replace(BASE, locale="zh-CN", noun="咖啡杯", title="搪瓷咖啡杯", currency="CNY")
    assert not {"anoun", "nouns"} & set(slot_texts(chinese))
    assert render_field("认识 <noun>，只要 <price>。。", chinese) == "认识咖啡杯，只要¥1,299.00。"
    assert render_field("Meet <anoun>. it is here", BASE) == "Meet a mug. It is here"


def test_a_sentence_begins_with_a_capital_unless_a_name_begins_otherwise() -> None:
    named = replace(BASE, noun="iPad case", brand="adidas", title="e-bike X2")
    assert render_field("<noun> by <brand>. <brand> made it. the <noun>.", named) == (
        "iPad case by adidas. adidas made it. The iPad case."
    )
    assert render_field("<title> is here", named) == "e-bike X2 is here"
    assert render_field("<noun>. işte <noun>", replace(BASE, noun="ip", locale="tr-TR")) == "İp. İşte ip"


def test_own_words_of_chinese_are_pairs_of_neighbours() -> None:
    assert own_words("认识一下<noun>，好") == ["认识", "识一", "一下", "好"]
    assert own_words("Für den <noun>, ganz nah") == ["für", "den", "ganz", "nah"]
