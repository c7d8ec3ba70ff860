"""Two pseudonyms of one person: what each states about the other, and what their lanes tell each other."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from streams.records.base import Count, Explicit, Ms, Record, Text, UserKey, Weighted

CapTimes = Annotated[list[Count], Meta(max_length=64)]


class IdentityLink(Record):
    """A user states that another pseudonym is the same person's. It counts once the other states it as well;
    a null value withdraws it, and with it the other's."""

    user: UserKey
    partner: UserKey
    ts: Ms


class PartnerCap(Record):
    """Impressions of one capped campaign."""

    key: Count  # number of the campaign in rows
    total: Count  # ever
    times: CapTimes = []  # s, of the last ones, oldest first
    short: bool = False  # some in rolling time may be missing


class PartnerSummary(Record):
    """What one of two linked users knows, for the other's lane: absolute, the highest (term, flush) counts.
    Until the other is known to state the link too it holds the statement alone; `allows` then is missing."""

    receiver: UserKey
    sender: UserKey
    stated: Ms  # append time of the sender's statement
    term: Count
    flush: Count
    allows: Explicit | None = None  # what the sender's own consent allows
    ts: Ms = 0  # event time of what follows
    vector: Text = ""  # base64 of float16 (64,); "" = there is none, or it may not be used
    mass: float = 0.0  # positives behind it, decayed to ts
    catalog_version: Count = 0
    top: list[Weighted] = []  # interest codes by share
    caps: list[PartnerCap] = []
    missed: int = 0  # 64 marks of campaigns that found no room
    missed_s: Count = 0  # when one last did not
