"""Whether what is known of a user may choose the ad of a bid request. What is denied, and what cannot be
told, leaves the default and what goes by device, country and hour alone."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

from agents.serving.bid_request import BidRequest, Regs
from models.privacy_strings.gpp import TCF_EU, US_PRIVACY, US_SECTIONS, gpp_sections, opted_out
from models.privacy_strings.tcf import tcf_consent

_OPTED_OUT: Final = "Y"
_NO_SECTION: Final = -1
"""What `gpp_sid` holds where no section applies."""


def may_be_personal(request: BidRequest, vendor: int) -> bool:
    """`vendor`: our id on the IAB's list of vendors, 0 = none is asked for.

    Children, limited tracking, the global privacy control and an opt-out of sale deny; so does every section
    of a GPP string that applies and is not read here, and, of one that does not say which apply, every
    section. Where GDPR applies a TC string must consent; where it is not known whether it does, one that was
    given must.
    """
    regs, user, device = request.regs, request.user, request.device
    if regs.coppa or device.lmt or device.dnt or str(regs.ext.gpc) == "1":
        return False
    sections = gpp_sections(regs.gpp)
    applying = set(regs.gpp_sid) - {_NO_SECTION} if regs.gpp_sid else sections.keys()
    us_privacy = regs.us_privacy or regs.ext.us_privacy or sections.get(US_PRIVACY, "")
    if us_privacy[2:3].upper() == _OPTED_OUT or _denied(applying, sections, bool(us_privacy)):
        return False
    text = user.consent or user.ext.consent or sections.get(TCF_EU, "")
    gdpr = _gdpr(regs)
    if gdpr == 1 or TCF_EU in applying or (gdpr is None and text):
        consent = tcf_consent(text)
        return consent is not None and consent.personal(vendor)
    return True


def _denied(applying: Set[int], sections: Mapping[int, str], us_privacy: bool) -> bool:
    """Whether a section that applies denies, or cannot be read."""
    read_elsewhere = {TCF_EU} | ({US_PRIVACY} if us_privacy else set())
    unread = applying - read_elsewhere - US_SECTIONS
    return bool(unread) or any(opted_out(each, sections.get(each, "")) for each in applying & US_SECTIONS)


def _gdpr(regs: Regs) -> int | None:
    return regs.gdpr if regs.gdpr is not None else regs.ext.gdpr
