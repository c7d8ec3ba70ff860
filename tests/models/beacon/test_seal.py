"""Sealed values: nobody else makes one, changes one or reads one, and a key can be replaced."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.beacon.address import PATH, Collector, said, shown_as
from models.beacon.beacon import Beacon, SealedShowing
from models.beacon.seal import LEAST_KEY, Seal, UnsealedError
from models.link import tracker_fault

KEY, OTHER = "k" * LEAST_KEY, "o" * LEAST_KEY
SEAL = Seal([KEY])
BEACON = Beacon(
    2, "cr_00112233445566aa", "c1", "t-native", "native", 1_795_400_000, "sku-1", "9f2c1d7e0011aabb"
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_what_is_sealed_is_opened_and_the_same_each_time() -> None:
    sealed = SEAL.close(BEACON)
    assert SEAL.open(sealed, Beacon) == BEACON and Seal([KEY]).close(BEACON) == sealed
    assert set(sealed) <= set(LETTERS), "it stands in any address as it is"


@given(st.data())
def test_one_changed_character_is_no_seal_of_ours(data: st.DataObject) -> None:
    sealed = SEAL.close(BEACON)
    at = data.draw(st.integers(0, len(sealed) - 1))
    other = data.draw(st.sampled_from(LETTERS.replace(sealed[at], "")))
    for touched in (sealed[:at] + other + sealed[at + 1 :], sealed[:at], sealed + other, sealed + "="):
        with pytest.raises(UnsealedError):
            SEAL.open(touched, Beacon)


@given(st.text(max_size=300))
def test_no_text_of_others_is_opened(text: str) -> None:
    with pytest.raises(UnsealedError):
        SEAL.open(text, Beacon)


class Likewise(msgspec.Struct, array_like=True):
    """Of the shape of a showing."""

    id: str
    user: str = ""


def test_a_showing_is_no_beacon_and_another_key_opens_nothing() -> None:
    with pytest.raises(UnsealedError):
        SEAL.open(SEAL.close(SealedShowing("x", "u1")), Beacon)
    with pytest.raises(UnsealedError):
        SEAL.open(SEAL.close(Likewise("x", "u1")), SealedShowing)
    with pytest.raises(UnsealedError):
        Seal([OTHER]).open(SEAL.close(BEACON), Beacon)


def test_a_key_is_replaced_while_what_it_sealed_is_still_called() -> None:
    rotated = Seal([OTHER, KEY])
    assert rotated.open(SEAL.close(BEACON), Beacon) == BEACON
    assert rotated.close(BEACON) == Seal([OTHER]).close(BEACON) != SEAL.close(BEACON)
    with pytest.raises(ValueError, match="at least"):
        Seal(["short"])


def test_an_address_is_a_tracker_that_says_nothing_of_the_user() -> None:
    address = Collector("https://collect.example/", SEAL, 755).address(BEACON)
    assert not tracker_fault(address) and address.startswith(f"https://collect.example{PATH}")
    assert BEACON.user not in address and BEACON.creative_id not in address
    assert "gdpr_consent=${GDPR_CONSENT_755}" in address
    assert "GDPR_CONSENT" not in Collector("https://collect.example", SEAL).address(BEACON)


def test_a_showing_takes_the_place_of_its_macro_wherever_the_address_stands() -> None:
    address = Collector("https://collect.example", SEAL).address(BEACON)
    behind = f"%%CLICK_URL%%{address.replace('$', '%24').replace('{', '%7B').replace('}', '%7D')}"
    shown = shown_as(f"{address} {behind}".encode(), "SEALED").decode()
    assert shown.count("s=SEALED") == 2 and "SHIFTCAST_SHOWING" not in shown


@pytest.mark.parametrize("left", ["${GDPR}", "%%GDPR%%", "$%7BGDPR%7D", "%24%7BGDPR%7D", "", None])
def test_a_macro_that_nobody_filled_in_says_nothing(left: str | None) -> None:
    assert said(left) == ""
    assert said("1") == "1"
