"""Whether what is known of a user may choose the ad of a bid request. What is denied, and what cannot be
told, leaves the default and what goes by device, country and hour alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agents.serving.bid_request import BidRegsExt, BidRequest, is_set
from models.event.layout import Purpose
from models.event.tc_grants import tc_grants
from models.privacy_strings.asked import tc_string_asked
from models.privacy_strings.gpp import denies, gpp_sections

_BY_PROFILE = int(Purpose.PROFILE | Purpose.PERSONALISE)
_UNREAD: Final = 0
"""Stands for a section whose id cannot be read: there is none of this id, and what is not known denies."""


def may_be_personal(request: BidRequest, vendor: int) -> bool:
    """`vendor`: our id on the IAB's list of vendors, 0 = none is asked for.

    Children, limited tracking, the global privacy control and an opt-out of sale deny; so does every section
    of a GPP string that applies and is not read here, and, of one that does not say which apply, every
    section. Where GDPR applies a TC string must consent; where it is not known whether it does, one that was
    given must. A flag or section that is said and cannot be read denies.
    """
    regs, user, device = request.regs, request.user, request.device
    ext = regs.ext or BidRegsExt()
    if any(map(is_set, (regs.coppa, ext.coppa, ext.gpc))) or device.lmt or device.dnt:
        return False
    sections = gpp_sections(ext.gpp or "") | gpp_sections(regs.gpp or "")
    applying = {*_ids(regs.gpp_sid), *_ids(ext.gpp_sid)}
    if denies(sections, applying, regs.us_privacy or ext.us_privacy or ""):
        return False
    gdpr = ext.gdpr if regs.gdpr is None else regs.gdpr
    applies = None if gdpr is None else int(is_set(gdpr))
    asked = tc_string_asked(user.consent or user.ext.consent, applies, sections, applying)
    if asked is None:
        return True
    granted = tc_grants(asked, vendor)
    return granted is not None and granted.purposes & _BY_PROFILE == _BY_PROFILE


def _ids(told: list[Any] | None) -> Iterator[int]:
    for each in told or ():
        try:
            yield int(each)
        except (TypeError, ValueError, OverflowError):
            yield _UNREAD
