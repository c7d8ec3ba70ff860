"""What is new in a copy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.diversity import distinct
from models.text.variety import new_share, said_pairs

TEXTS = st.lists(st.text("ab ", max_size=12), min_size=1, max_size=6)


def test_neighbouring_words_are_counted_and_those_of_others_are_not_new() -> None:
    own = said_pairs("A mug", "Blue enamel.")
    assert own == {("a", "mug"), ("mug", "blue"), ("blue", "enamel")}
    assert new_share(own, frozenset()) == 1
    assert new_share(own, said_pairs("a MUG", "of tin")) == pytest.approx(2 / 3)
    assert new_share(said_pairs("砚台", ""), said_pairs("砚台", "端石")) == 0
    assert new_share(frozenset(), own) == 1


@given(TEXTS)
def test_it_is_what_raises_distinct_2(texts: list[str]) -> None:
    """The pairs of all copies together are what each in turn says anew."""
    said: set[tuple[str, str]] = set()
    new = 0.0
    for text in texts:
        own = said_pairs("", text)
        new += new_share(own, said) * len(own)
        said |= own
    counted = sum(len(text.split()) - 1 for text in texts if len(text.split()) > 1)
    assert distinct(texts, 2) == pytest.approx(new / counted if counted else 1)
