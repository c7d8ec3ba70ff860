"""Whether what is known of a user may choose the ad of a bid request. What is denied, and what cannot be
told, leaves the default and what goes by device, country and hour alone."""

from __future__ import annotations

from agents.serving.bid_request import BidRequest, LooseFlag, Regs
from models.event.layout import Purpose
from models.event.tc_grants import tc_grants
from models.privacy_strings.asked import tc_string_asked
from models.privacy_strings.gpp import denies, gpp_sections

_BY_PROFILE = int(Purpose.PROFILE | Purpose.PERSONALISE)


def may_be_personal(request: BidRequest, vendor: int) -> bool:
    """`vendor`: our id on the IAB's list of vendors, 0 = none is asked for.

    Children, limited tracking, the global privacy control and an opt-out of sale deny; so does every section
    of a GPP string that applies and is not read here, and, of one that does not say which apply, every
    section. Where GDPR applies a TC string must consent; where it is not known whether it does, one that was
    given must.
    """
    regs, user, device = request.regs, request.user, request.device
    child = regs.coppa or _is_set(regs.ext.coppa)
    if child or device.lmt or device.dnt or _is_set(regs.ext.gpc):
        return False
    sections = gpp_sections(regs.ext.gpp) | gpp_sections(regs.gpp)
    applying = {*regs.gpp_sid, *regs.ext.gpp_sid}
    if denies(sections, applying, regs.us_privacy or regs.ext.us_privacy):
        return False
    asked = tc_string_asked(user.consent or user.ext.consent, _gdpr(regs), sections, applying)
    if asked is None:
        return True
    granted = tc_grants(asked, vendor)
    return granted is not None and granted.purposes & _BY_PROFILE == _BY_PROFILE


def _gdpr(regs: Regs) -> int | None:
    if regs.gdpr is not None or regs.ext.gdpr is None:
        return regs.gdpr
    return int(_is_set(regs.ext.gdpr))


def _is_set(flag: LooseFlag) -> bool:
    return str(flag).lower() in ("1", "true")
