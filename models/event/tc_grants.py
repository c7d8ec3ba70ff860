"""TC strings in our words: which purposes of ours each purpose of the IAB's stands for, for all who read
one."""

from __future__ import annotations

from typing import Final, NamedTuple

from models.event.layout import Purpose
from models.privacy_strings.tcf import tcf_consent

GRANTED_BY: Final = {3: Purpose.PROFILE, 4: Purpose.PERSONALISE, 7: Purpose.MEASURE, 10: Purpose.TRAIN}
"""Create profiles for personalised advertising; use them to select it; measure what advertising does;
develop and improve services."""


class TcGrants(NamedTuple):
    """Purpose bits that a TC string grants, and when it was last updated, in Unix ms."""

    purposes: int
    updated_ms: int


def tc_grants(text: str, vendor: int) -> TcGrants | None:
    """What a TC string grants; None of one that may not be relied on. `vendor`: our id on the IAB's list of
    vendors, which the string must name; 0 = none is asked for."""
    consent = tcf_consent(text)
    if consent is None:
        return None
    if vendor and vendor not in consent.vendors:
        return TcGrants(0, consent.updated_ms)
    granted = sum(int(each) for purpose, each in GRANTED_BY.items() if purpose in consent.purposes)
    return TcGrants(granted, consent.updated_ms)
