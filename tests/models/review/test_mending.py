"""Words that were broken or run together are read whole; whole words stay what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.review.mending import mended, rejoined

KNOWN = frozenset(
    ["guaranteed", "profits", "from", "day", "one", "white", "tenants", "only", "ten", "on", "lose", "weight"]
)


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("gua ran teed pro fits from day one", "guaranteed profits from day one"),
        ("whi te ten ants on ly", "white tenants only"),
        ("gua-ran-teed", "guaranteed"),
    ],
)
def test_pieces_that_are_no_words_are_put_together(broken: str, whole: str) -> None:
    assert mended(broken, KNOWN) == whole


@given(st.lists(st.sampled_from(sorted(KNOWN)), min_size=1).map(" ".join))
def test_known_words_stay_apart(text: str) -> None:
    assert mended(text, KNOWN) == text


@given(st.text())
def test_no_letter_is_lost(text: str) -> None:
    for said in (mended(text, KNOWN), rejoined(text, KNOWN)):
        assert said.replace(" ", "").replace("-", "") == text.replace(" ", "").replace("-", "")


def test_letters_that_were_set_apart_get_their_spaces_back() -> None:
    assert rejoined("loseweight", KNOWN) == "lose weight"
    assert rejoined("guaranteed", KNOWN) == "guaranteed"
    assert rejoined("loseweightx", KNOWN) == "loseweightx"
