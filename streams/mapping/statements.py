"""What a record itself says of consent: in so many words, by a TC string, or by a string that opts out. For
all who read records with consent in them."""

from __future__ import annotations

from typing import Any, Final

from models.event.layout import AS_TOLD, Purpose
from models.event.tc_grants import TcGrants, tc_grants
from models.privacy_strings.asked import tc_string_asked
from models.privacy_strings.gpp import denies, gpp_sections
from streams import records as r
from streams.mapping.remembered import remembered
from streams.topics import DAY_MS

NOTHING: Final = r.Explicit(profile=False, personalise=False, measure=False, train=False)
UNRELIABLE: Final = -1
"""Instead of purposes: a TC string must consent, and there is none that may be relied on."""


def withdrawal(user: str, append_ts: int) -> r.Consent:
    """What a null on the consent topic says: everything is withdrawn, as of its append time."""
    return r.Consent(user, append_ts, explicit=NOTHING)


def stated_purposes(record: Any, vendor: int) -> int | None:
    """Purpose bits that a record with `regs`, `consent` and `explicit` grants; None where it states nothing.
    Explicit words cover all purposes; beside a TC string they grant what both grant. `vendor`: see
    tc_grants."""
    said = record.explicit
    words = {each: getattr(said, each.name.lower(), None) for each in Purpose if each.name}
    granted = sum(int(each) for each, given in words.items() if given)
    by_string = tc_stated(record, vendor)
    string = None if by_string is None or by_string.purposes == UNRELIABLE else by_string.purposes
    if all(given is None for given in words.values()):
        return string
    return granted if string is None else granted & string


def string_dates(record: Any, vendor: int) -> tuple[int, int]:
    """When what a record states was stated at the earliest and at the latest, in Unix ms, but no later than
    the record was told. A TC string rides on every event unchanged and is as old as its last update, of which
    newer ones tell but the day; AS_TOLD for words of the record's own, and where it states nothing."""
    said = record.explicit
    words = said is not None and any(
        getattr(said, each.name.lower()) is not None for each in Purpose if each.name
    )
    by_string = None if words else tc_stated(record, vendor)
    if by_string is None or by_string.purposes == UNRELIABLE:
        return AS_TOLD, AS_TOLD
    updated_ms = by_string.updated_ms
    return updated_ms, updated_ms + (0 if updated_ms % DAY_MS else DAY_MS - 1)


def tc_stated(record: Any, vendor: int) -> TcGrants | None:
    """What the TC string of a record grants, its purposes UNRELIABLE where it may not be relied on; None
    where it says nothing."""
    regs = record.regs
    if record.consent is None and (regs is None or not (regs.gpp or regs.gpp_sid)):
        return None
    regs = regs or r.Regs()
    return _tc_stated(record.consent or "", regs.gdpr, regs.gpp or "", tuple(regs.gpp_sid), vendor)


@remembered
def _tc_stated(
    text: str, gdpr: int | None, gpp: str, applying: tuple[int, ...], vendor: int
) -> TcGrants | None:
    asked = tc_string_asked(text, gdpr, gpp_sections(gpp), set(applying))
    if asked is None:
        return None
    return tc_grants(asked, vendor) or TcGrants(UNRELIABLE, AS_TOLD)


def opted_out(regs: r.Regs | None) -> bool:
    """Whether a GPP or US Privacy string denies ads by profile."""
    if regs is None or not (regs.gpp or regs.gpp_sid or regs.us_privacy):
        return False
    return _denied(regs.gpp or "", tuple(regs.gpp_sid), regs.us_privacy or "")


@remembered
def _denied(gpp: str, applying: tuple[int, ...], us_privacy: str) -> bool:
    return denies(gpp_sections(gpp), set(applying), us_privacy)
