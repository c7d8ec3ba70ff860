"""The fields of impressions, clicks and behaviour as the kernel that reads them knows them: what each holds
and its limits."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.event.json_values import packed_name
from models.event.layout import EventSource

# How a field is read
HASHED, NUMBERED, KEY, SHORT, LENGTH, SALE, INTEGER, MILLI, FLAG, NAMES, FIRST, OBJECT, CLOSED = range(13)
EVENT_FIELDS: Final = (  # objects it stands in, name, how, shortest or least, longest or most, may be null
    ("icb", "id", HASHED, 1, 256, False), ("icb", "ts", INTEGER, 0, 4_102_444_800_000, False),
    ("icb", "user", KEY, 1, 128, False),
    ("icb", "creative_id", NUMBERED, 0, 256, True), ("icb", "item_id", HASHED, 0, 256, True),
    ("icb", "cat", NAMES, 0, 64, False),
    ("icb", "cattax", INTEGER, 0, 65_535, True), ("ic", "campaign_id", HASHED, 0, 256, True),
    ("i", "template_id", HASHED, 0, 256, True),
    ("ic", "slot", HASHED, 0, 256, True), ("i", "event", INTEGER, 0, 65_535, True),
    ("i", "placement", OBJECT, 0, 0, True),
    ("icb", "device", OBJECT, 0, 0, True), ("i", "auction_id", LENGTH, 0, 256, True),
    ("i", "price", OBJECT, 0, 0, True),
    ("icb", "regs", OBJECT, 0, 0, True), ("icb", "consent", CLOSED, 0, 8192, True),
    ("icb", "explicit", OBJECT, 0, 0, True),
    ("c", "imp_id", HASHED, 0, 256, True), ("b", "type", SHORT, 0, 256, False),
    ("b", "kwarray", FIRST, 0, 64, False),
    ("b", "text", LENGTH, 0, 2048, True), ("b", "dwell_ms", INTEGER, 0, 86_400_000, True),
    ("b", "feedback", SHORT, 0, 256, True),
    ("D", "devicetype", INTEGER, 0, 65_535, True), ("D", "os", LENGTH, 0, 256, True),
    ("D", "osv", LENGTH, 0, 256, True),
    ("D", "langb", LENGTH, 0, 256, True), ("D", "connectiontype", INTEGER, 0, 65_535, True),
    ("D", "geo", OBJECT, 0, 0, True),
    ("G", "country", LENGTH, 0, 256, True), ("G", "region", LENGTH, 0, 256, True),
    ("G", "city", LENGTH, 0, 256, True),
    ("G", "utcoffset", INTEGER, -1440, 1440, True), ("R", "gdpr", INTEGER, 0, 65_535, True),
    ("R", "coppa", INTEGER, 0, 65_535, True),
    ("R", "gpp", CLOSED, 0, 8192, True), ("R", "gpp_sid", CLOSED, 0, 0, False),
    ("R", "us_privacy", SALE, 0, 256, True),
    ("R", "ext", OBJECT, 0, 0, True), ("X", "gpc", INTEGER, 0, 65_535, True),
    ("E", "profile", FLAG, 0, 0, True),
    ("E", "personalise", FLAG, 0, 0, True), ("E", "measure", FLAG, 0, 0, True),
    ("E", "train", FLAG, 0, 0, True),
    ("P", "id", LENGTH, 0, 256, True), ("P", "gpid", LENGTH, 0, 256, True),
    ("P", "w", INTEGER, 0, 65_535, True),
    ("P", "h", INTEGER, 0, 65_535, True), ("P", "pos", INTEGER, 0, 65_535, True),
    ("M", "cpm", MILLI, 0, 10**12, True),
    ("M", "cur", SHORT, 0, 256, True),
)  # fmt: skip
"""Every field of the three messages and of the objects in them, as streams.records declares them (a test
compares)."""
OBJECTS: Final = "icbDGRXEPM"
IMPRESSION, CLICK, BEHAVIOR, CONVERSION, STATEMENT = range(5)
"""What an event tells; the first three are read by the kernel, and are the first objects above."""
LEVEL_OF: Final = {
    EventSource.IMPRESSION: IMPRESSION,
    EventSource.CLICK: CLICK,
    EventSource.BEHAVIOR: BEHAVIOR,
}
"""Topics that the kernel reads, by source."""


def _place(where: str, name: str) -> int:
    return next(i for i, field in enumerate(EVENT_FIELDS) if where in field[0] and field[1] == name)


INSIDE: Final = np.array(
    [
        {"device": 3, "geo": 4, "regs": 5, "ext": 6, "explicit": 7, "placement": 8, "price": 9}.get(
            field[1], -1
        )
        for field in EVENT_FIELDS
    ],
    np.int8,
)
LOW, HIGH = np.array([packed_name(field[1]) for field in EVENT_FIELDS], np.uint64).T.copy()
HOW, LEAST, MOST = (np.array([field[i] for field in EVENT_FIELDS], np.int64) for i in (2, 3, 4))
NULLABLE: Final = np.array([field[5] for field in EVENT_FIELDS])
N_FIELDS: Final = len(EVENT_FIELDS)
assert N_FIELDS <= 64


def _slots(multiplier: int) -> NDArray[np.int8] | None:
    """Per object a table from the top byte of a name's product to its field, -1 = none; None when two names
    meet."""
    table = np.full((len(OBJECTS), 256), -1, np.int8)
    for f, (where, *_) in enumerate(EVENT_FIELDS):
        slot = (int(LOW[f] ^ HIGH[f]) * multiplier & 2**64 - 1) >> 56
        for level in map(OBJECTS.index, where):
            if table[level, slot] >= 0:
                return None
            table[level, slot] = f
    return table


_TRIED: Final = (k * 0x9E3779B97F4A7C15 & 2**64 - 1 for k in itertools.count(1, 2))
MULTIPLIER, SLOTS = next((np.uint64(m), table) for m in _TRIED if (table := _slots(m)) is not None)
"""Finds a field by its name at once: no two names of an object share a place of its table."""

ID, TS, CREATIVE, ITEM, CAMPAIGN, TEMPLATE, SLOT, EVENT = (
    _place("i", name)
    for name in ("id", "ts", "creative_id", "item_id", "campaign_id", "template_id", "slot", "event")
)
CONSENT: Final = _place("i", "consent")
CATEGORIES: Final = _place("c", "cat")
IMP, TYPE, DWELL, FEEDBACK, TEXT, KEYWORDS = (
    _place("c", "imp_id"),
    *(_place("b", name) for name in ("type", "dwell_ms", "feedback", "text", "kwarray")),
)
DEVICETYPE, COUNTRY, REGION, UTCOFFSET = (
    _place("D", "devicetype"),
    _place("G", "country"),
    _place("G", "region"),
    _place("G", "utcoffset"),
)
GDPR_FLAG, COPPA, US_PRIVACY, GPC, POS, CPM, CUR = (
    _place(*at)
    for at in (
        ("R", "gdpr"), ("R", "coppa"), ("R", "us_privacy"), ("X", "gpc"),
        ("P", "pos"), ("M", "cpm"), ("M", "cur"),
    )
)  # fmt: skip
PROFILE_FIELDS: Final = _place("E", "profile")


def _bits(where: str, *names: str) -> np.uint64:
    return np.uint64(sum(1 << _place(where, name) for name in names))


REQUIRED: Final = np.array(
    [
        _bits("i", "id", "ts", "user", "creative_id"),
        _bits("c", "id", "ts", "user"),
        _bits("b", "id", "ts", "user", "type"),
    ],
    np.uint64,
)
SAYING: Final = np.array(
    [0, _bits("c", "cat"), _bits("b", "cat", "kwarray", "text")],
    np.uint64,
)
"""Fields that say in words what an event is about, where no item does; of an impression nothing is learnt."""
