from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.brief.terms import Terms

BANNED = Terms(["the best", "best", "risk-free", "don't miss", "die", "最好", "größte", "no. 1", "#1"])


def completed(text: str) -> set[str]:
    return set(BANNED.after(BANNED.begun(), text)[1])


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("the best mug", {"the best", "best"}),
        ("The BEST.", {"the best", "best"}),
        ("the ｂｅｓｔ", {"the best", "best"}),
        ("the bеst", {"the best", "best"}),  # a Cyrillic e
        ("bestow it", set()),
        ("a diet mug", set()),
        ("a die", {"die"}),
        ("risk free, risk-free", {"risk-free"}),
        ("Don’t miss", {"don't miss"}),
        ("这是最好的杯子", {"最好"}),
        ("die GRÖSSTE", {"die", "größte"}),
        ("best\u200b", {"best"}),
        ("be\u200bst", {"best"}),
        ("no. 1", set()),  # figures are a matter of facts; "no" alone is no term
        ("", set()),
    ],
)
def test_terms_are_found_as_whole_words_however_they_are_spelt(text: str, terms: set[str]) -> None:
    assert completed(text) == terms


def test_a_term_counts_as_soon_as_its_last_letter_is_written() -> None:
    state, found = BANNED.after(BANNED.begun(), "the b")
    assert found == ()
    assert "best" in BANNED.after(state, "est")[1]
    assert BANNED.after(state, "etter")[1] == ()


@given(
    st.lists(
        st.sampled_from(["the ", "be", "st", "best", " die", "t", "risk", "-", "free", " ", "最", "好", "x"]),
        max_size=8,
    )
)
def test_cutting_a_text_in_pieces_finds_no_less(pieces: list[str]) -> None:
    state, found = BANNED.begun(), set()
    for piece in pieces:
        state, terms = BANNED.after(state, piece)
        found |= set(terms)
    whole = "".join(pieces)
    assert completed(whole) <= found
    for term in ("best", "die"):
        assert bool(re.search(rf"(?<![a-z]){term}(?![a-z])", whole)) <= (term in found)


def test_no_terms_find_nothing() -> None:
    nothing = Terms([])
    assert nothing.after(nothing.begun(), "the best") == (0, ())
