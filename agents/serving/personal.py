"""Whether what is known of a user may choose the ad of a bid request. What is denied, and what cannot be
told, leaves the default and what goes by device, country and hour alone."""

from __future__ import annotations

from typing import Final

from agents.serving.bid_request import BidRequest
from models.consent_string import tcf_consent

TCF_SECTION: Final = 2
US_PRIVACY_SECTION: Final = 6
_OPTED_OUT: Final = "Y"


def may_be_personal(request: BidRequest, vendor: int) -> bool:
    """`vendor`: our id on the IAB's list of vendors, 0 = none is asked for.

    Children, limited tracking, the global privacy control and an opt-out of sale deny; so does every section
    of a GPP string that is not read here. Where GDPR applies a TC string must consent; where it is not known
    whether it does, one that was given must.
    """
    regs, user, device = request.regs, request.user, request.device
    if regs.coppa or device.lmt or device.dnt or str(regs.ext.gpc) == "1":
        return False
    us_privacy = regs.us_privacy or regs.ext.us_privacy
    if us_privacy[2:3].upper() == _OPTED_OUT:
        return False
    read_here = {TCF_SECTION} | ({US_PRIVACY_SECTION} if us_privacy else set())
    if not set(regs.gpp_sid) <= read_here:
        return False
    gdpr = regs.gdpr if regs.gdpr is not None else regs.ext.gdpr
    text = user.consent or user.ext.consent
    if gdpr == 1 or TCF_SECTION in regs.gpp_sid or (gdpr is None and text):
        consent = tcf_consent(text)
        return consent is not None and consent.personal(vendor)
    return True
