from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.choice.headlines import HEADLINES_KEPT, headline_hash, packed_hashes, unpacked_hashes


def test_what_reads_alike_is_one_headline() -> None:
    assert headline_hash("Your next boots!") == headline_hash("your  NEXT boots")
    assert headline_hash("Your next boots") != headline_hash("Your next boot")
    assert headline_hash("Boots for $19") != headline_hash("Boots for $91")
    assert headline_hash("登山靴") != headline_hash("登山鞋")


@given(st.sets(st.integers(0, 2**64 - 1), max_size=HEADLINES_KEPT))
def test_hashes_travel_whole(hashes: set[int]) -> None:
    packed = packed_hashes(hashes)
    assert unpacked_hashes(packed) == hashes
    assert len(packed) <= 684


@pytest.mark.parametrize("text", ["?", base64.b64encode(b"1234567").decode()])
def test_what_holds_no_hashes_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        unpacked_hashes(text)
