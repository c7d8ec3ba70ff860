"""What all messages share: the base struct, field types with their limits, device, place, consent.

The limits stand in the types, so the decoder checks them while it decodes and `shiftcast schema` publishes
them. The pattern of a user key is only published: the codec checks the record's key once and that the user
equals it, at a tenth of a regular expression's cost.
"""

from __future__ import annotations

from typing import Annotated, Final, dataclass_transform

import msgspec
from msgspec import Meta

SLOTS = (
    "native", "text", "banner_300x250", "banner_728x90", "banner_320x50",
    "social_1x1", "social_9x16", "landscape_1200x628", "video_16x9", "video_9x16",
    "banner_160x600", "banner_970x250",
)  # fmt: skip
"""Values of `slot`; models.event.layout.EVENT['slot'] is the index here + 1."""

USER_PATTERN: Final = "^[A-Za-z0-9_-]{1,128}$"
YEAR_2100_MS: Final = 4_102_444_800_000

Id = Annotated[str, Meta(min_length=1, max_length=256)]
Name = Annotated[str, Meta(max_length=256)]
Title = Annotated[str, Meta(max_length=512)]
UserKey = Annotated[str, Meta(min_length=1, max_length=128, extra_json_schema={"pattern": USER_PATTERN})]
Text = Annotated[str, Meta(max_length=2048)]
Url = Annotated[str, Meta(max_length=2048)]
ConsentString = Annotated[str, Meta(max_length=8192)]
Svg = Annotated[str, Meta(max_length=32_768)]
Names = Annotated[list[Name], Meta(max_length=64)]
Ms = Annotated[int, Meta(ge=0, le=YEAR_2100_MS, description="Unix time in milliseconds")]
Code = Annotated[int, Meta(ge=0, le=65_535)]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Pixels = Annotated[int, Meta(ge=0, le=65_535)]
Price = Annotated[float, Meta(ge=0, le=1e9)]
Amount = Annotated[float, Meta(ge=-1e12, le=1e12)]
Share = Annotated[float, Meta(ge=0, le=1)]


@dataclass_transform(frozen_default=True)
class Record(msgspec.Struct, gc=False, omit_defaults=True, frozen=True):
    """Base of all messages: immutable; change one with msgspec.structs.replace."""


class Geo(Record):
    country: Name | None = None
    region: Name | None = None
    city: Name | None = None
    utcoffset: Annotated[int, Meta(ge=-1440, le=1440)] | None = None


class Device(Record):
    devicetype: Code | None = None
    os: Name | None = None
    osv: Name | None = None
    langb: Name | None = None
    connectiontype: Code | None = None
    geo: Geo | None = None


class RegsExt(Record):
    gpc: Code | None = None


class Regs(Record):
    gdpr: Code | None = None
    coppa: Code | None = None
    gpp: ConsentString | None = None
    gpp_sid: Annotated[list[Code], Meta(max_length=64)] = []
    us_privacy: Name | None = None
    ext: RegsExt | None = None


class Explicit(Record):
    """Consent the user stated in so many words; None = not stated."""

    profile: bool | None = None
    personalise: bool | None = None
    measure: bool | None = None
    train: bool | None = None


class Weighted(Record):
    """An interest code or item with its weight in [0, 1]."""

    name: Name
    weight: float


class Cause(Record):
    """The event a request, and so a creative, goes back to."""

    id: Id
    ts: Ms
    topic: Name
