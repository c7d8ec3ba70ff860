"""Addresses of trackers that lead to us, and the macros in them that whoever shows the creative fills in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from models.beacon.beacon import Beacon
from models.beacon.seal import Seal

PATH: Final = "/v1/beacon/"
SHOWING_MACRO: Final = "${SHIFTCAST_SHOWING}"
"""Becomes the sealed showing in what our look-up gives out; an ad server that has no look-up may put its own
id of the showing there."""
_QUOTED_MACRO: Final = quote(SHOWING_MACRO, safe="")


@dataclass(frozen=True, slots=True)
class Collector:
    """Where trackers lead: `base` "https://collect.example"; `vendor`: ours on the IAB's list, 0 = none."""

    base: str
    seal: Seal
    vendor: int = 0

    def address(self, beacon: Beacon) -> str:
        """The tracker's address, with the IAB's macros of consent."""
        given = {
            "s": SHOWING_MACRO,
            "a": "${AUCTION_ID}",
            "gdpr": "${GDPR}",
            "gpp_sid": "${GPP_SID}",
            "us_privacy": "${US_PRIVACY}",
        }
        if self.vendor:  # the IAB names the strings of consent by whom they are for
            given["gdpr_consent"] = f"${{GDPR_CONSENT_{self.vendor}}}"
            given["gpp"] = f"${{GPP_STRING_{self.vendor}}}"
        asked = "&".join(f"{name}={macro}" for name, macro in given.items())
        return f"{self.base.rstrip('/')}{PATH}{self.seal.close(beacon)}?{asked}"


def shown_as(text: bytes, showing: str) -> bytes:
    """Markup or a creative with a sealed showing in place of its macro, also where an address stands
    percent-encoded behind a click macro."""
    sealed = showing.encode()
    return text.replace(SHOWING_MACRO.encode(), sealed).replace(_QUOTED_MACRO.encode(), sealed)


def said(value: str | None) -> str:
    """A parameter as it was filled in; '' when its macro was left as it is."""
    unfilled = value is None or value.startswith(("${", "%%", "$%7B", "%24%7B"))
    return "" if unfilled or value is None else value
