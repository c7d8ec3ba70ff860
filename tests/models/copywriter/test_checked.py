from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.brief.brief import Brief
from models.copywriter.checked import CheckedState, checker_of

EN = Brief(
    "r", "c", "native", "Northfold", "Mauve Leather Daypack 20 L", "daypack", price_minor=14999,
    salesprice_minor=11999,
    facts=("Free returns within 30 days",), avoid=("cheap", "old hat"),
)  # fmt: skip
DE = replace(
    EN,
    locale="de-DE",
    title="Lederrucksack Alma 20 L",
    noun="Rucksack",
    currency="EUR",
    facts=("30 Tage Rückgabe",),
    place="DE",
)
ZH = replace(
    EN,
    locale="zh-CN",
    title="皮革双肩包",
    noun="双肩包",
    currency="CNY",
    facts=(),
    place="CN",
    avoid=("便宜",),
)


def test_a_term_that_ends_words_of_the_row_is_not_asked_about_by_what_comes_after() -> None:
    """Else no row that says it could ever be ended: "You get a report the same day" and its full stop."""
    checker = checker_of(EN)
    state = checker.past(checker.begun(), " You get a report the same day")
    assert checker.after(state, ".") is not None
    begun = checker.past(checker.begun(), " You get a report the same")
    assert checker.after(begun, " day") is None, "a term that is only begun is asked about"


def state_after(text: str, brief: Brief = EN) -> CheckedState | None:
    checker = checker_of(brief)
    return checker.after(checker.begun(), text)


@pytest.mark.parametrize(
    ("brief", "text"),
    [
        (EN, "Yours for $119.99, 20% off. Was $149.99"),
        (EN, "The daypack by Northfold, on Mondays"),
        (EN, "NORTHFOLD: leather, 20 L, 30 days"),
        (EN, "free returns"),
        (DE, "Der Rucksack für 119,99 €. Spare 20 %"),
        (DE, "Ein Rucksack von Northfold für große Pläne"),
        (ZH, "来自Northfold的双肩包，只要¥119.99"),
        (ZH, "一起出发，一路同行"),
    ],
)
def test_facts_may_be_said(brief: Brief, text: str) -> None:
    state = state_after(text, brief)
    assert state is not None
    assert checker_of(brief).may_end(state)


@pytest.mark.parametrize(
    ("brief", "text"),
    [
        (EN, "for $99"),
        (EN, "for 119.99"),  # a price without its sign
        (EN, "$1199"),
        (EN, "save 20 dollars"),
        (EN, "20€"),
        (EN, "20 30.20"),
        (EN, "3020"),
        (EN, "50%"),
        (EN, "a ½ pack"),
        (EN, "Meet Nike"),
        (EN, "a NiceBrand"),
        (EN, "the best"),
        (EN, "leather, waterproof"),
        (EN, "so cheap"),
        (EN, "an old-hat idea"),
        (EN, "see shop.com"),
        (EN, "<b>"),
        (EN, "a/b"),
        (EN, "a\nb"),
        (EN, "a\u202eb"),
        (EN, "a＜b"),
        (DE, "für 119.99 €"),
        (DE, "für 11.999 €"),
        (DE, "von McNike"),
        (DE, "ein ADIDAS"),
        (DE, "die beste"),
        (ZH, "来自Nike"),
        (ZH, "来自Ｎｉｋｅ"),
        (ZH, "最好的"),
        (ZH, "很便宜"),
        (ZH, "９折"),
    ],
)
def test_what_no_fact_says_may_not_be_begun(brief: Brief, text: str) -> None:
    assert state_after(text, brief) is None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("for $11", "9.99"),
        ("for $119", ".99"),
        ("by Northf", "old"),
        ("by Northfold", ""),
        ("for $119.99", ""),
    ],
)
def test_what_is_half_said_must_be_finished(text: str, rest: str) -> None:
    checker, state = checker_of(EN), state_after(text)
    assert state is not None
    assert checker.rest(state) == rest
    assert checker.may_end(state) == (not rest)


PIECES = [
    "Meet",
    " the",
    " da",
    "ypack",
    " Nor",
    "thfold",
    " $",
    "119",
    ".",
    "99",
    " 20",
    "%",
    ", ",
    "N",
    "ike",
    " best",
    "free",
    " returns",
    " ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=8), st.sampled_from([EN, DE, ZH]))
def test_the_short_way_for_plain_words_is_the_long_way(pieces: list[str], brief: Brief) -> None:
    """Token by token or letter by letter: where both go on, they agree on everything but a term that ends
    inside a longer word."""
    checker = checker_of(brief)
    state: CheckedState | None = checker.begun()
    letters: CheckedState | None = checker.begun()
    for piece in pieces:
        if state is None or letters is None:
            return
        state = checker.after(state, piece)
        for letter in piece:
            letters = None if letters is None else checker.after(letters, letter)
        if letters is not None:
            assert state == letters
