"""TC strings: which consent may be relied on, and for what."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.privacy_strings.tcf import TcfConsent, tcf_consent

PUBLISHED = (
    "CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA.YAAAAAAAAAAA",
    "CLcVDxRMWfGmWAVAHCENAXCkAKDAADnAABRgA5mdfCKZuYJez-NQm0TBMYA4oCAAGQYIAAAAAAEAIAEgAA.argAC0gAAAAAAAAAAAA",
)
"""Of a policy that is over."""


def tc_string(
    purposes: set[int],
    vendors: set[int],
    *,
    ranges: bool = False,
    version: int = 2,
    policy: int = 5,
    own: int = 1,
) -> str:
    """As a consent manager writes it, from the layout of the specification."""
    bits = f"{version:06b}" + "0" * 126 + f"{policy:06b}" + f"{own:b}" + "0" * 13
    bits += "".join("1" if each in purposes else "0" for each in range(1, 25)) + "0" * 24 + "0" * 13
    last = max(vendors, default=0)
    bits += f"{last:016b}{'1' if ranges else '0'}"
    if ranges:
        bits += f"{len(vendors):012b}" + "".join(f"1{each:016b}{each:016b}" for each in sorted(vendors))
    else:
        bits += "".join("1" if each in vendors else "0" for each in range(1, last + 1))
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize("ranges", [False, True])
def test_purposes_and_vendors_are_read(ranges: bool) -> None:
    consent = tcf_consent(tc_string({1, 3, 4, 24}, {2, 9, 700}, ranges=ranges) + ".IDKQ")
    assert consent == TcfConsent(frozenset({1, 3, 4, 24}), frozenset({2, 9, 700}))
    assert consent.personal(0) and consent.personal(700) and not consent.personal(3)


@pytest.mark.parametrize("purposes", [set(), {3}, {4}, {1, 2, 7, 10}])
def test_a_profile_chooses_only_where_profiles_and_their_use_are_consented_to(purposes: set[int]) -> None:
    consent = tcf_consent(tc_string(purposes, {700}))
    assert consent is not None and not consent.personal(0)


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
    ],
)
def test_what_may_not_be_relied_on_is_no_consent(text: str) -> None:
    assert tcf_consent(text) is None


@given(st.text(max_size=200) | st.binary(max_size=120).map(lambda data: urlsafe_b64encode(data).decode()))
def test_no_text_raises(text: str) -> None:
    tcf_consent(text)
