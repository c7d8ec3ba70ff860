"""What an IAB TCF 2 string consents to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from models.privacy_strings.bits import Bits

VERSION: Final = 2
LEAST_POLICY: Final = 4
_CORE_BITS: Final = 230
"""Up to and with the flag that says how vendors are written."""


@dataclass(frozen=True, slots=True)
class Vendors:
    """Vendors up to `last`, a bit each, the highest the first one's. They are never listed: a string of 8 KB
    can name the same 65,535 a thousand times."""

    last: int
    named: int

    def __contains__(self, vendor: int) -> bool:
        return 0 < vendor <= self.last and bool(self.named >> (self.last - vendor) & 1)


@dataclass(frozen=True, slots=True)
class TcfConsent:
    """Purposes and vendors that a person consented to, and when that was last changed, in Unix ms; in our
    words: models.event.tc_grants."""

    purposes: frozenset[int]
    vendors: Vendors
    updated_ms: int


def tcf_consent(text: str) -> TcfConsent | None:
    """The consent of a TC string; None when it is none that may be relied on: damaged, of another version, of
    a policy that is over, or not of one service alone."""
    try:
        bits = Bits(text.partition(".")[0])
    except ValueError:
        return None
    if len(bits) < _CORE_BITS or bits.number(0, 6) != VERSION or bits.number(132, 6) < LEAST_POLICY:
        return None
    if not bits.number(138, 1):
        return None
    purposes = frozenset(each for each in range(1, 25) if bits.number(151 + each, 1))
    vendors = _vendors(bits)
    return None if vendors is None else TcfConsent(purposes, vendors, bits.number(42, 36) * 100)


def _vendors(bits: Bits) -> Vendors | None:
    last = bits.number(213, 16)
    if not bits.number(229, 1):
        named = bits.number(_CORE_BITS, last)
        return Vendors(last, named) if len(bits) >= _CORE_BITS + last else None
    if len(bits) < _CORE_BITS + 12:
        return None
    named, at = 0, _CORE_BITS + 12
    for _ in range(bits.number(_CORE_BITS, 12)):
        many = len(bits) > at and bits.number(at, 1)
        size = 33 if many else 17
        first = bits.number(at + 1, 16)
        end = bits.number(at + 17, 16) if many else first
        if len(bits) < at + size or not 0 < first <= end <= last:
            return None
        named |= ((1 << (end - first + 1)) - 1) << (last - end)
        at += size
    return Vendors(last, named)
