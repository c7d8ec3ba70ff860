"""Many texts as one array are the texts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.wire.texts import NULL, Texts

TEXTS = st.lists(st.none() | st.binary(max_size=9))


@given(TEXTS)
def test_the_same_come_out(texts: list[bytes | None]) -> None:
    packed = Texts.of(texts)
    assert list(packed) == texts and len(packed) == len(texts)
    assert packed.sizes().tolist() == [len(text or b"") for text in texts]
    assert [length == NULL for length in packed.lengths] == [text is None for text in texts]


@given(TEXTS, st.data())
def test_any_part_is_that_part(texts: list[bytes | None], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(texts)))
    stop = data.draw(st.integers(start, len(texts)))
    assert list(Texts.of(texts).part(start, stop)) == texts[start:stop]


@given(st.lists(TEXTS, min_size=1))
def test_joined_in_order(parts: list[list[bytes | None]]) -> None:
    assert list(Texts.joined([Texts.of(each) for each in parts])) == [text for each in parts for text in each]


@pytest.mark.parametrize("n", [0, 1, 3])
def test_of_one_length(n: int) -> None:
    assert list(Texts.repeated(b"abc", n)) == [b"abc"] * n
    assert list(Texts.rows(np.full((n, 2), ord("x"), np.uint8))) == [b"xx"] * n
