"""What is read of an OpenRTB 2.6 bid request; what else stands in one is ignored."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Code = Annotated[int, Meta(ge=0, le=65_535)]
Flag = Annotated[int, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(max_length=512)]
Consent = Annotated[str, Meta(max_length=8_192)]


class Part(msgspec.Struct, frozen=True, gc=False):
    """Base of all parts."""


class Format(Part):
    w: Code = 0
    h: Code = 0


class Banner(Part):
    format: list[Format] = []
    w: Code = 0
    h: Code = 0
    btype: list[int] = []
    battr: list[int] = []
    mimes: list[Name] = []


class Video(Part):
    mimes: list[Name] = []
    w: Code = 0
    h: Code = 0
    minduration: Code = 0
    maxduration: Code = 0
    protocols: list[int] = []
    battr: list[int] = []


class Native(Part):
    request: Annotated[str, Meta(max_length=32_768)] = ""
    battr: list[int] = []


class Imp(Part):
    id: Annotated[str, Meta(min_length=1, max_length=512)]
    banner: Banner | None = None
    video: Video | None = None
    native: Native | None = None
    bidfloor: Annotated[float, Meta(ge=0)] = 0.0
    bidfloorcur: Name = "USD"


class Geo(Part):
    country: Name | None = None
    utcoffset: Annotated[int, Meta(ge=-1440, le=1440)] | None = None


class Device(Part):
    dnt: Flag = 0
    lmt: Flag = 0
    devicetype: Code | None = None
    geo: Geo = Geo()


class DsaAsked(Part):
    dsarequired: Code = 0


class RegsExt(Part):
    gdpr: Flag | None = None
    gpc: Flag | str = 0
    us_privacy: Name = ""
    dsa: DsaAsked = DsaAsked()


class Regs(Part):
    coppa: Flag = 0
    gdpr: Flag | None = None
    us_privacy: Name = ""
    gpp: Consent = ""
    gpp_sid: list[int] = []
    ext: RegsExt = RegsExt()


class UserExt(Part):
    consent: Consent = ""


class User(Part):
    id: Name = ""
    buyeruid: Name = ""
    consent: Consent = ""
    ext: UserExt = UserExt()


class BidRequest(Part):
    """`cattax`, `test`, `tmax` and site or app decide nothing here."""

    id: Annotated[str, Meta(min_length=1, max_length=512)]
    imp: Annotated[list[Imp], Meta(min_length=1, max_length=64)]
    device: Device = Device()
    user: User = User()
    regs: Regs = Regs()
    bcat: list[Name] = []
    badv: list[Name] = []
    cur: list[Name] = []
    wlang: list[Name] = []


read_bid_request = msgspec.json.Decoder(BidRequest).decode
