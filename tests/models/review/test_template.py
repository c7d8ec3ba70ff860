from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from models.brief.brief import LIMITS, Brief, limits_of, short_title
from models.brief.slots import slot_texts
from models.review.template import fill_template, slot_values
from models.text.graphemes import cut, shown_width
from models.text.normalise import clean, fold_text

BRIEF = Brief(
    "rq_1", "c1", "native", "Northfold", "Adventure-Ready Expedition Backpack", "backpack", price_minor=14999
)


def test_slots_are_filled_and_the_sale_price_wins() -> None:
    copy = fill_template(
        "The {noun} by {brand}", "{title} for {price}.", "Shop now", replace(BRIEF, salesprice_minor=11900)
    )
    assert (copy.headline, copy.description, copy.cta, copy.brand) == (
        "The backpack by Northfold", "Adventure-Ready Expedition Backpack for $119.", "Shop now", "Northfold",
    )  # fmt: skip


def test_a_long_title_keeps_its_head() -> None:
    assert fill_template("{title}", "x", "y", BRIEF).headline == "Expedition Backpack"
    assert short_title("Oak Desk with Drawers", "desk", 14) == "Oak Desk"


def test_a_sentence_without_its_fact_is_left_out() -> None:
    copy = fill_template(
        "{title}", "Meet the {noun}. Only {price}. See it {unknown}.", "Go", replace(BRIEF, price_minor=None)
    )
    assert copy.description == "Meet the backpack."
    assert (
        fill_template("Only {price}", "x", "y", replace(BRIEF, price_minor=None)).headline
        == "Expedition Backpack"
    )


def test_what_comes_from_the_row_brings_no_markup_and_no_slots() -> None:
    assert (
        fill_template(
            "{title}", "x", "y", replace(BRIEF, title="<b>Pack</b> {price} www.evil.example")
        ).headline
        == "Pack price"
    )


@given(
    st.text(max_size=80),
    st.text(max_size=40),
    st.text(max_size=30),
    st.text(max_size=120),
    st.sampled_from(sorted(LIMITS)),
)
def test_every_field_is_within_its_limit_whatever_the_row_says(
    title: str, noun: str, brand: str, extra: str, slot: str
) -> None:
    brief = replace(BRIEF, title=title, noun=noun, brand=brand, slot=slot)
    plain = extra.replace("{", "").replace("}", "")
    copy, limits = (
        fill_template("{title}: " + plain, "{noun} {title}. " + plain, plain, brief),
        limits_of(slot),
    )
    assert shown_width(copy.headline) <= limits.headline
    assert shown_width(copy.description) <= limits.description
    assert shown_width(copy.cta) <= limits.cta
    assert shown_width(copy.brand) <= limits.brand


@given(st.text(max_size=60), st.integers(0, 40))
def test_a_cut_is_a_beginning_within_the_limit(text: str, limit: int) -> None:
    assert shown_width(cut(text, limit)) <= limit
    assert text.startswith(cut(text, limit))


@given(st.text(max_size=80))
def test_clean_text_has_no_delimiters_and_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text, 60)
    assert not set(once) & set("<>{}[]|\\`\n\u200b\u202e")
    assert clean(once, 60) == once


def test_look_alikes_fold_to_what_they_look_like() -> None:
    assert fold_text("Bеst\u200b  ＤＥＡＬ") == "best deal"
    assert fold_text("лучший") == "лучший"


def test_turkish_capitals_become_no_other_letters() -> None:
    lamp = replace(BRIEF, title="IŞIK LAMBASI", locale="tr-TR")
    assert slot_texts(lamp)["title"] == slot_values(lamp)["title"] == "IŞIK LAMBASI"


def test_a_sentence_has_one_stop_and_begins_with_a_capital_where_a_noun_opens_it() -> None:
    meat = replace(BRIEF, title="Steak, 8 oz.", noun="steak", price_minor=1100)
    copy = fill_template("{noun} for you", "{title}. {price}.", "Go", meat)
    assert (copy.headline, copy.description) == ("Steak for you", "Steak, 8 oz. $11.")
    case = fill_template("{noun}", "The {noun}.", "Go", replace(BRIEF, noun="iPad case"))
    assert (case.headline, case.description) == ("iPad case", "The iPad case.")


def test_templates_work_without_a_noun() -> None:
    nameless = replace(BRIEF, noun="")
    filled = fill_template("Find your {noun}", "Your next {noun}. {title} for {price}.", "Shop now", nameless)
    assert filled.headline.startswith("Expedition") or filled.headline in BRIEF.title
    assert "{" not in filled.headline + filled.description and "$149.99" in filled.description
    assert not {"noun", "anoun", "nouns"} & set(slot_texts(nameless))


def test_a_noun_is_never_said_in_part() -> None:
    flown = replace(BRIEF, slot="native", title="Half-Day Falconry", noun="falconry morning")
    assert fill_template("Find your {noun}", "{title}.", "Go", flown).headline == "Falconry morning"


def test_a_noun_that_does_not_fit_leaves_no_frame_behind() -> None:
    ship = "Donaudampfschifffahrtsgesellschaft"
    for slot in ("native", "banner_320x50"):
        long = replace(BRIEF, slot=slot, title=f"{ship} Mütze", noun=ship, locale="de")
        assert fill_template("Dein {noun}", "{title}.", "Los", long).headline != "Dein"
    twice = replace(BRIEF, title="Cap", noun=ship)
    assert fill_template("Your {noun}. {title} for you.", "x", "Go", twice).headline == "Cap for you."


def test_a_headline_says_nothing_that_the_whole_title_does_not_say() -> None:
    said = {
        "Bag not suitable for children under 3 years": "Bag",
        "Juice 0.5 l sugar free of added colours 100% fruit": "Juice 0.5 l",
        "No batteries included in this lovely wooden toy": "Northfold",
    }
    for title, headline in said.items():
        brief = replace(BRIEF, title=title, noun="")
        assert fill_template("{title}", "x", "Go", brief).headline == headline
