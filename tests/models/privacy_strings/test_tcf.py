"""TC strings: which consent may be relied on, and for what."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.privacy_strings.tcf import tcf_consent

PUBLISHED = (
    "CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA.YAAAAAAAAAAA",
    "CLcVDxRMWfGmWAVAHCENAXCkAKDAADnAABRgA5mdfCKZuYJez-NQm0TBMYA4oCAAGQYIAAAAAAEAIAEgAA.argAC0gAAAAAAAAAAAA",
)
"""Of a policy that is over."""


def tc_string(
    purposes: set[int],
    vendors: set[int],
    *,
    ranges: bool | Sequence[tuple[int, int]] = False,
    version: int = 2,
    policy: int = 5,
    own: int = 1,
    updated_ms: int = 0,
) -> str:
    """As a consent manager writes it, from the layout of the specification."""
    bits = f"{version:06b}" + f"{updated_ms // 100:036b}" * 2 + "0" * 54
    bits += f"{policy:06b}" + f"{own:b}" + "0" * 13
    bits += "".join("1" if each in purposes else "0" for each in range(1, 25)) + "0" * 24 + "0" * 13
    last = max(vendors, default=0)
    bits += f"{last:016b}{'1' if ranges else '0'}"
    if ranges:
        spans = [(each, each) for each in sorted(vendors)] if ranges is True else ranges
        bits += f"{len(spans):012b}" + "".join(f"1{first:016b}{end:016b}" for first, end in spans)
    else:
        bits += "".join("1" if each in vendors else "0" for each in range(1, last + 1))
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize("ranges", [False, True])
def test_purposes_and_vendors_are_read(ranges: bool) -> None:
    text = tc_string({1, 3, 4, 24}, {2, 9, 700}, ranges=ranges, updated_ms=1_795_291_200_100)
    consent = tcf_consent(text + ".IDKQ")
    assert consent is not None and consent.purposes == {1, 3, 4, 24}
    assert consent.updated_ms == 1_795_291_200_100
    assert [each for each in range(-1, 70_000) if each in consent.vendors] == [2, 9, 700]


@pytest.mark.parametrize(
    "text",
    [
        *PUBLISHED,
        "",
        "C",
        "not base64!",
        "é",
        tc_string({3, 4}, {7}, version=1),
        tc_string({3, 4}, {7}, policy=3),
        tc_string({3, 4}, {7}, own=0),
        tc_string({3, 4}, {700})[:60],
        tc_string({3, 4}, {700}, ranges=[(9, 8)]),
        tc_string({3, 4}, {700}, ranges=[(0, 8)]),
        tc_string({3, 4}, {700}, ranges=[(9, 701)]),
    ],
)
def test_what_may_not_be_relied_on_is_no_consent(text: str) -> None:
    assert tcf_consent(text) is None


def test_a_string_that_names_every_vendor_again_and_again_costs_no_more_than_its_length() -> None:
    """Read one by one they would be 79 million."""
    last = 65_535
    for ranges in (False, [(1, last)] * 1_200):
        text = tc_string({3, 4}, {last}, ranges=ranges)
        began_s = process_time()
        consent = tcf_consent(text)
        assert consent is not None and last in consent.vendors
        assert process_time() - began_s < 0.5


@given(st.text(max_size=200) | st.binary(max_size=120).map(lambda data: urlsafe_b64encode(data).decode()))
def test_no_text_raises(text: str) -> None:
    tcf_consent(text)
