"""What the profile agent asks the generator for."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from streams.records.base import (
    Cause,
    Code,
    Count,
    Explicit,
    Id,
    Ms,
    Name,
    Names,
    Record,
    Text,
    UserKey,
    Weighted,
)

DEARER: Final = "dearer"
CHEAPER: Final = "cheaper"


class Trigger(Record):
    kind: Name  # shift | first | refresh
    score: float = 0.0
    gained: list[Weighted] = []
    lost: list[Weighted] = []
    price: Name | None = None  # what the user pays among alike items changed: DEARER | CHEAPER


class AudienceSegment(Record):
    """The segment a user is in, as in the audience key `s:<segment>`; a null value: in none, or no longer
    allowed. Names belong to one catalogue version."""

    user: UserKey
    segment: Name
    catalog_version: Count
    ts: Ms


class RequestContext(Record):
    hour: Code | None = None
    weekday: Code | None = None
    device: Code | None = None
    country: Name | None = None
    slots: Names = []
    locale: Name = "en"


class LiveCreative(Record):
    key: Name
    creative_id: Id
    campaign_id: Id
    slot: Name
    version: Count
    expires: Ms


class CopyText(Record):
    headline: Name
    description: Text
    cta: Name
    brand: Name | None = None
    scenes: Annotated[
        list[Name], Meta(max_length=8)
    ] = []  # lines of a video script; the description holds them joined


class PastCreative(Record):
    """The creative a returning regime had: published again when it is still eligible."""

    campaign_id: Id
    item_id: Id
    slot: Name
    copy: CopyText
    template_id: Id | None = None
    arm: Name | None = None
    creative_id: Id | None = None  # whose copy it is
    origin_id: Id | None = None  # and which had it first
    by_model: bool = True  # whether a model wrote it
    copy_id: Id | None = None  # of the entry of ads.copy.v1 that it came from


class CreativeRequest(Record):
    """Everything the generator needs to answer; it reads no table. At most 4 KB."""

    request_id: Id
    user: UserKey
    n_trig: Count
    cause: Cause
    deadline: Ms
    trigger: Trigger
    vector: Text  # base64 of float16 (64,), the served interest vector
    top: list[Weighted]  # interest codes by weight
    catalog_version: Count
    items: list[Weighted] = []  # items seen most
    wanted: list[Id] = []  # items of the newest positives since the interest changed, newest first
    taken: list[Id] = []  # of all other positives that are known: neither is offered again at once
    tier: Count = 2
    spending_minor: Count | None = None  # of a usual purchase, in minor units of `currency`
    currency: Name | None = None
    context: RequestContext = RequestContext()
    segment: Name | None = None
    portrait: Name | None = None  # of the group of users that stands in for a history that is not there yet
    leaning: list[
        Weighted
    ] = []  # to interest codes, of that group and own first events: log of share over usual
    suppressed: list[int] = []
    caps: dict[str, int] = {}  # campaign or creative id -> impressions counted
    recent: list[int] = []  # 64-bit SimHashes of recent copy
    pictures: Names = []  # perceptual hashes of the last pictures made for the user, newest last
    headlines: Text = ""  # base64 of uint64 (n,), hashes of headlines that must not come again
    live: list[LiveCreative] = []
    regime: list[PastCreative] = []
    consent: Explicit = Explicit()
    cause_appended: Ms | None = None  # append time of the causing event: nothing answered the request before
    intended_ts: Ms | None = (
        None  # when the causing event was meant to be sent (header of open-loop load drivers)
    )
