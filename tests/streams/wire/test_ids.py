"""Ids: made again by a replay, told apart by their parts, and turned into numbers that are never 0."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from streams.wire.ids import creative_id, hash64, number_of, request_id


def test_ids_are_fixed_for_good() -> None:
    """A change here would publish every creative of a replay under another id."""
    request = request_id("9f2c1d7e", "shift", "ads.click.v1", "e1")
    assert (request, creative_id(request, "c1", "native")) == ("rq_6af602b9fdb01c54", "cr_f66d0750056ebe31")


@given(st.text(), st.text(), st.text(), st.text())
def test_every_part_counts(user: str, kind: str, topic: str, event: str) -> None:
    first = request_id(user, kind, topic, event)
    assert re.fullmatch(r"rq_[0-9a-f]{16}", first)
    assert first == request_id(user, kind, topic, event)
    assert first != request_id(user + "x", kind, topic, event) != request_id(user, "x" + kind, topic, event)


@given(st.one_of(st.text(), st.binary()))
def test_no_hash_is_zero_or_over_64_bits(text: str | bytes) -> None:
    assert 0 < hash64(text) < 2**64


def test_an_id_of_ours_carries_its_number() -> None:
    assert number_of("cr_00000000000000ff") == number_of("rq_00000000000000ff") == 255
    assert number_of("cr_0000000000000000") == 1
    assert number_of("cr_zzzzzzzzzzzzzzzz") == hash64("cr_zzzzzzzzzzzzzzzz")
    assert number_of("cr_01JD4Q9Z7M8K") == hash64("cr_01JD4Q9Z7M8K")
