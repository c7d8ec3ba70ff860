"""One event as the kernels see it: a packed numpy record, after decoding and before any state is touched."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np

from models.arrays import Rows, over

SOURCES: Final = (
    "impression",
    "click",
    "conversion",
    "behavior",
    "consent",
    "privacy",
    "creative",
    "generation",
)
"""Source topics in the order of a row's fence slots."""


class EventSource(IntEnum):
    """Which topic an event came from: the index of its fence slot."""

    IMPRESSION = 0
    CLICK = 1
    CONVERSION = 2
    BEHAVIOR = 3
    CONSENT = 4
    PRIVACY = 5
    CREATIVE = 6
    GENERATION = 7


class EventKind(IntEnum):
    """What happened. The kernels branch on this, never on the topic."""

    IMPRESSION = 0
    VIEWABLE = 1
    CLICK = 2
    CONVERSION = 3
    CART = 4
    PAGE = 5
    PRODUCT = 6
    SEARCH = 7
    DWELL = 8
    VIDEO = 9
    HIDE = 10
    REPORT = 11
    LIKE = 12
    CONSENT = 13
    ERASE = 14
    RESTRICT = 15
    CREATIVE = 16
    TOMBSTONE = 17
    OTHER = 18
    COMMENT = 19
    PREFER = 20
    AVOID = 21
    STARTED = 22
    FIRST_QUARTILE = 23
    MIDPOINT = 24
    THIRD_QUARTILE = 25
    COMPLETED = 26


BEHAVIOR_KINDS: Final = {
    "page": EventKind.PAGE, "screen": EventKind.PAGE, "search": EventKind.SEARCH,
    "product": EventKind.PRODUCT,
    "cart": EventKind.CART, "comment": EventKind.COMMENT,
    "dwell": EventKind.DWELL, "video": EventKind.VIDEO, "feedback": EventKind.OTHER,
}  # fmt: skip
"""By `type` of a behaviour event; feedback is told by its own name, videos by how far they were played."""
FEEDBACK_KINDS: Final = {
    "hide": EventKind.HIDE, "report": EventKind.REPORT, "like": EventKind.LIKE,
    "prefer": EventKind.PREFER, "avoid": EventKind.AVOID,
}  # fmt: skip
PLAYED_KINDS: Final = {
    "start": EventKind.STARTED, "firstQuartile": EventKind.FIRST_QUARTILE, "midpoint": EventKind.MIDPOINT,
    "thirdQuartile": EventKind.THIRD_QUARTILE, "complete": EventKind.COMPLETED,
}  # fmt: skip
"""How far a clip was played, by the first word of a video event's `kwarray`, as VAST names it."""


class Status(IntEnum):
    """What admission decided about an event."""

    APPLIED = 0
    REPLAYED = 1
    DUPLICATE = 2
    DENIED = 3
    ERASED = 4
    LATE = 5


class Purpose(IntEnum):
    """Consent bits (IAB TCF purposes 3, 4, 7 and 10 in our words)."""

    PROFILE = 1
    PERSONALISE = 2
    MEASURE = 4
    TRAIN = 8


FROM_BOT: Final = 16
"""Set in `purposes` of what a user does while the profile takes him for a bot: it counts as invalid."""
CONSENT_KNOWN: Final = 16
"""Set in `consent` when the event itself carries an explicit statement; the low four bits are then what it
grants."""
UNKNOWN_ITEM: Final = -2
"""In `item`: an item that is in no catalogue here."""
GDPR: Final = 32
"""Set in `consent` when the event says that GDPR applies."""
NARROWS: Final = 64
"""Set in `consent` when whoever told the event may only take back: what anyone can write into an address."""
AS_TOLD: Final = 1 << 62
"""In `stated_ts` and `stated_until`: what the event states, it states at its own time."""

EVENT: Final = np.dtype(
    [
        ("user", "<i4"),  # index of the user's row copy in this batch
        ("source", "u1"),
        ("kind", "u1"),
        ("status", "u1"),
        ("consent", "u1"),  # Purpose bits, CONSENT_KNOWN, GDPR as the event states them; NARROWS
        ("purposes", "u1"),  # Purpose bits in force for this event, written by admission; FROM_BOT
        ("slot", "u1"),  # index in streams.records.SLOTS + 1, 0 unknown
        ("hour", "u1"),  # 0..23 at the user's place (device.geo.utcoffset), 255 unknown
        ("weekday", "u1"),  # 0 = Monday, 255 unknown
        ("device", "u1"),  # AdCOM devicetype 1..8, 0 unknown
        ("currency", "u1"),  # index in models.money.CURRENCIES, 0 none
        ("geo", "<u2"),  # 16-bit hash of country-region, 0 unknown
        ("item", "<i4"),  # row in the catalogue, -1 none is named, UNKNOWN_ITEM the catalogue lacks it
        ("code", "<i2"),  # interest code of the item, -1 unknown
        ("position", "<u2"),
        ("offset", "<i8"),
        ("ts", "<i8"),  # ms, the producer's
        ("append_ts", "<i8"),  # ms, the broker's
        ("stated_ts", "<i8"),  # ms, when its TC string was made, to be dated no later than the event is
        ("stated_until", "<i8"),  # ms, the latest that may be: a string tells but the day
        ("id", "<u8"),  # hash of the event id
        ("imp", "<u8"),  # hash of imp_id (impressions: of id), 0 none; conversions may name a click's `id`
        ("creative", "<u8"),  # creative_id as a number, 0 none
        ("cell", "<u8"),  # hash of campaign|slot|arm|template|segment, 0 unknown
        ("dwell_ms", "<i4"),
        ("price_z", "<f4"),  # standing of the price in its code (models/catalog/prices.py), nan unknown
        ("order", "<u8"),  # conversions: low half of the hash of their order, 0 none
        ("value_minor", "<i8"),  # conversions: value in minor units, may be negative
        ("score", "<f4"),  # of the detector, written where it judged the event; else nan
    ]
)


LINE: Final = np.dtype([("offset", "<i8"), ("item", "<i4"), ("code", "<i2"), ("price_z", "<f4")])
"""What a conversion took beside its own item, as EVENT has it; `offset`: of the conversion."""
NO_LINES: Final = np.empty(0, LINE)


def empty_events(n: int) -> Rows:
    """`n` events with every unknown marked as such; shape (n,)."""
    return over(n, EVENT, _UNKNOWN * n)


def _unknown() -> bytearray:
    event = np.zeros(1, EVENT)
    event["hour"] = event["weekday"] = 255
    event["item"] = event["code"] = -1
    event["price_z"] = event["score"] = np.nan
    event["stated_ts"] = event["stated_until"] = AS_TOLD
    return bytearray(event.tobytes())


_UNKNOWN: Final = _unknown()
