"""What is read of an OpenRTB 2.6 bid request; what else stands in one is ignored."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from streams.records import Record

Code = Annotated[int, Meta(ge=0, le=65_535)]
Flag = Annotated[int, Meta(ge=0, le=1)]
LooseFlag = Any
"""Whatever exchanges write: 1, true, "1", 1.0, null. A field that is read amiss costs the whole request."""
Name = Annotated[str, Meta(max_length=512)]
Consent = Annotated[str, Meta(max_length=8_192)]
Sections = Annotated[list[Any], Meta(max_length=64)] | None
"""Ids of GPP sections, as numbers or text."""
Codes = Annotated[list[int], Meta(max_length=64)]
Names = Annotated[list[Name], Meta(max_length=64)]
Blocked = Annotated[list[Name], Meta(max_length=4_096)]
"""Lists longer than anybody's: what is done for each of them is done many times a request."""


class Format(Record):
    w: Code = 0
    h: Code = 0


class Banner(Record):
    format: Annotated[list[Format], Meta(max_length=64)] = []
    w: Code = 0
    h: Code = 0
    btype: Codes = []
    battr: Codes = []
    mimes: Names = []


class Video(Record):
    mimes: Names = []
    w: Code = 0
    h: Code = 0
    minduration: Code = 0
    maxduration: Code = 0
    protocols: Codes = []
    battr: Codes = []


class Native(Record):
    request: Annotated[str, Meta(max_length=32_768)] = ""
    battr: Codes = []


class Pmp(Record):
    private_auction: LooseFlag = 0


class Imp(Record):
    id: Annotated[str, Meta(min_length=1, max_length=512)]
    banner: Banner | None = None
    video: Video | None = None
    native: Native | None = None
    pmp: Pmp | None = None
    bidfloor: Annotated[float, Meta(ge=0)] = 0.0
    bidfloorcur: Name = "USD"


class BidGeo(Record):
    country: Name | None = None
    utcoffset: Annotated[int, Meta(ge=-1440, le=1440)] | None = None


class BidDevice(Record):
    dnt: Flag = 0
    lmt: Flag = 0
    devicetype: Code | None = None
    geo: BidGeo = BidGeo()


class DsaAsked(Record):
    dsarequired: Code = 0


class BidRegsExt(Record):
    """What exchanges still send where it stood before OpenRTB 2.6."""

    coppa: LooseFlag = None
    gdpr: LooseFlag = None
    gpc: LooseFlag = None
    us_privacy: Name | None = None
    gpp: Consent | None = None
    gpp_sid: Sections = None
    dsa: DsaAsked | None = None


class BidRegs(Record):
    coppa: LooseFlag = None
    gdpr: LooseFlag = None
    us_privacy: Name | None = None
    gpp: Consent | None = None
    gpp_sid: Sections = None
    ext: BidRegsExt | None = None


class UserExt(Record):
    consent: Consent = ""


class User(Record):
    id: Name = ""
    buyeruid: Name = ""
    consent: Consent = ""
    ext: UserExt = UserExt()


class _Capped(Record):
    capped: list[str] = []


class BidRequest(Record):
    """`test`, `tmax` and site or app decide nothing here. `ext` is each exchange's own: whatever
    stands there is valid, as long as it is JSON."""

    id: Annotated[str, Meta(min_length=1, max_length=512)]
    imp: Annotated[list[Imp], Meta(min_length=1, max_length=64)]
    device: BidDevice = BidDevice()
    user: User = User()
    regs: BidRegs = BidRegs()
    bcat: Blocked = []
    cattax: Code | None = None
    badv: Blocked = []
    cur: Names = []
    wlang: Names = []
    ext: msgspec.Raw = msgspec.Raw(b"{}")

    def capped(self) -> frozenset[str]:
        """Campaigns and creatives that the user has seen often enough, as whoever asks counts them in
        `ext.capped`; the standard has no field for it. None where it is no list of text."""
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return frozenset(_read_capped(self.ext).capped)
        return frozenset()


def is_set(flag: LooseFlag) -> bool:
    """Whether a flag says yes; one that is there and says no such thing as 0, "0" or false does."""
    return flag is not None and flag not in (0, "0")


read_bid_request = msgspec.json.Decoder(BidRequest).decode
_read_capped = msgspec.json.Decoder(_Capped).decode
