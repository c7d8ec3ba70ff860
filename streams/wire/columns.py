"""A batch of one topic as columns: decoded records become one EVENT array; what cannot be used becomes
refusals.

The only per-event Python is one list comprehension per field; everything else is numpy over the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from models.earned.counters import CellNames, cell_of
from models.event.fill import cell_key
from models.event.layout import (
    BEHAVIOR_KINDS,
    CONSENT_KNOWN,
    FEEDBACK_KINDS,
    GDPR,
    EventKind,
    EventSource,
    Purpose,
    empty_events,
)
from models.kernels.lookup import Lookup
from models.money import MoneyError, currency_index, impression_micros, minor
from streams import records as r
from streams.topics import BEHAVIOR, CLICK, CONSENT, CONVERSION, IMPRESSION, USER_TOPICS
from streams.wire.ids import hash64, number_of
from streams.wire.refusals import Reason, Reject

Events = np.ndarray[Any, np.dtype[np.void]]

NONE: Final = "none"
"""Name of a cell's part that is not known."""
UNATTRIBUTED: Final = "unattributed"
"""Arm of what no impression or creative claims (yet)."""

SOURCE_OF: Final = {spec.name: EventSource(i) for i, spec in enumerate(USER_TOPICS)}
SLOT_INDEX: Final = {slot: index for index, slot in enumerate(r.SLOTS, 1)}
_HOUR_MS: Final = 3_600_000
_SHOWN: Final = 2
"""AdCOM event type: impression; 3 to 5 say that one became viewable."""
_MASK: Final = 2**64 - 1
_MIX: Final = 0x9E3779B97F4A7C15

_PURPOSES: Final = (
    ("profile", Purpose.PROFILE),
    ("personalise", Purpose.PERSONALISE),
    ("measure", Purpose.MEASURE),
    ("train", Purpose.TRAIN),
)


class Cells:
    """Cell numbers and the names they stand for, of everything this process has seen."""

    def __init__(self) -> None:
        self.names: dict[int, CellNames] = {}
        self.shown, self.clicked = Lookup(), Lookup()  # the same as the next two, for models.event.scan
        self._provisional: dict[tuple[str | None, str | None, str | None], int] = {}
        self._unattributed: dict[str | None, int] = {}

    def number(self, names: CellNames) -> int:
        """Number of a cell, remembered with its names."""
        cell = cell_of(names)
        self.names[cell] = names
        return cell

    def provisional(self, campaign: str | None, slot: str | None, template: str | None) -> int:
        """What an impression counts for until its creative is known; 0 = not ours, not counted."""
        key = (campaign, slot, template)
        cell = self._provisional.get(key)
        if cell is None:
            cell = (
                self.number((campaign or NONE, slot or NONE, NONE, template or NONE, NONE)) if campaign else 0
            )
            self._provisional[key] = cell
            if campaign:
                self.shown.add(
                    cell_key(*(0 if name is None else hash64(name) for name in (campaign, slot, template))),
                    cell,
                )
        return cell

    def unattributed(self, campaign: str | None) -> int:
        """Where clicks and conversions count that nothing claims."""
        cell = self._unattributed.get(campaign)
        if cell is None:
            cell = self._unattributed[campaign] = self.number(
                (campaign or NONE, NONE, UNATTRIBUTED, NONE, NONE)
            )
            if campaign:
                self.clicked.add(hash64(campaign), cell)
        return cell


@dataclass(frozen=True)
class Items:
    """What columns need of the catalogue: row, code and price of an item id. Empty without an artefact:
    nothing is learnt of interest."""

    index: Mapping[str, int] = field(default_factory=dict)
    codes: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    price_z: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    rows: Lookup = field(default_factory=Lookup)

    @classmethod
    def of(cls, index: Mapping[str, int], codes: NDArray[np.int16], price_z: NDArray[np.float32]) -> Items:
        """The arrays are brought into the one form that the kernels take."""
        rows = Lookup((hash64(item_id), row) for item_id, row in index.items())
        codes = np.require(codes, np.int16, ["C", "W", "A"])
        return cls(index, codes, np.require(price_z, np.float32, ["C", "W", "A"]), rows)


def columns(
    topic: str,
    decoded: Sequence[Any],
    offsets: Sequence[int],
    append_ts: Sequence[int],
    items: Items,
    cells: Cells,
) -> tuple[Events, list[Reject]]:
    """EVENT array (n,) of n decoded records of one event topic; `user` is left 0. Refusals name indices of
    events to leave out."""
    events = empty_events(len(decoded))
    source = SOURCE_OF[topic]
    events["source"] = source
    events["offset"], events["append_ts"] = offsets, append_ts
    events["ts"] = [e.ts for e in decoded]
    rejects = _FILL[topic](events, decoded, items, cells)
    events["id"] ^= np.uint64(source * _MIX & _MASK)
    if topic != CONSENT.name:
        _place(events, [e.device for e in decoded])
    _consent(events, decoded)
    return events, rejects


def campaign_refusals(topic: str, decoded: Sequence[Any], known: AbstractSet[str]) -> list[Reject]:
    """Impressions and clicks of campaigns that nobody published; none while no campaign is known at all."""
    if not known or topic not in (IMPRESSION.name, CLICK.name):
        return []
    message = "no campaign of this id is on ads.campaign.v1"
    return [
        Reject(i, Reason.UNKNOWN_CAMPAIGN, "validate", message)
        for i, e in enumerate(decoded)
        if e.campaign_id is not None and e.campaign_id not in known
    ]


def _hashes(texts: Sequence[str | None]) -> list[int]:
    """64-bit hashes, 0 for None."""
    return [0 if text is None else xxh3_64_intdigest(text.encode()) or 1 for text in texts]


def _numbers(ids: Sequence[str | None]) -> list[int]:
    """creative ids as numbers, 0 for None."""
    return [0 if text is None else number_of(text) for text in ids]


def _item(events: Events, ids: Sequence[str | None], items: Items) -> None:
    if not items.index:
        return
    get = items.index.get
    rows = np.array([-1 if id is None else get(id, -1) for id in ids], np.int32)
    events["item"] = rows
    known = rows >= 0
    events["code"][known] = items.codes[rows[known]]
    events["price_z"][known] = items.price_z[rows[known]]


def _impressions(events: Events, decoded: Sequence[r.Impression], items: Items, cells: Cells) -> list[Reject]:
    rejects: list[Reject] = []
    events["imp"] = _hashes([e.id for e in decoded])
    viewable = np.array([(e.event or _SHOWN) > _SHOWN for e in decoded])
    events["kind"] = np.where(viewable, EventKind.VIEWABLE, EventKind.IMPRESSION)
    # An impression and its "became viewable" share an id and are two events
    events["id"] = events["imp"] ^ np.where(viewable, np.uint64(_MIX >> 1), np.uint64(0))
    events["creative"] = _numbers([e.creative_id for e in decoded])
    events["cell"] = [cells.provisional(e.campaign_id, e.slot, e.template_id) for e in decoded]
    events["slot"] = [SLOT_INDEX.get(e.slot, 0) if e.slot else 0 for e in decoded]
    events["position"] = [0 if e.placement is None else e.placement.pos or 0 for e in decoded]
    _item(events, [e.item_id for e in decoded], items)
    for i, e in enumerate(decoded):
        if e.price is not None and e.price.cpm is not None:
            try:
                events["currency"][i], events["value_minor"][i] = (
                    currency_index(e.price.cur),
                    impression_micros(e.price.cpm),
                )
            except MoneyError as error:
                rejects.append(Reject(i, Reason.NUMBER_RANGE, "validate", f"price: {error}"))
    return rejects


def _clicks(events: Events, decoded: Sequence[r.Click], items: Items, cells: Cells) -> list[Reject]:
    events["kind"] = EventKind.CLICK
    events["id"] = _hashes([e.id for e in decoded])
    events["imp"] = _hashes([e.imp_id for e in decoded])
    events["creative"] = _numbers([e.creative_id for e in decoded])
    events["cell"] = [cells.unattributed(e.campaign_id) for e in decoded]
    events["slot"] = [SLOT_INDEX.get(e.slot, 0) if e.slot else 0 for e in decoded]
    _item(events, [e.item_id for e in decoded], items)
    return []


def _conversions(events: Events, decoded: Sequence[r.Conversion], items: Items, cells: Cells) -> list[Reject]:
    rejects: list[Reject] = []
    events["kind"] = [EventKind.CART if e.type == "add_to_cart" else EventKind.CONVERSION for e in decoded]
    events["id"] = _hashes([e.id for e in decoded])
    events["imp"] = _hashes([e.imp_id for e in decoded])
    events["cell"] = cells.unattributed(None)
    _item(events, [e.items[0].item_id if e.items else None for e in decoded], items)
    for i, e in enumerate(decoded):
        try:
            events["currency"][i], events["value_minor"][i] = _value(e)
        except MoneyError as error:
            rejects.append(Reject(i, Reason.NUMBER_RANGE, "validate", f"value: {error}"))
    return rejects


def _value(e: r.Conversion) -> tuple[int, int]:
    """(currency, minor units): the stated value, else the sum of the order lines that have a price."""
    if e.value is not None:
        currency = currency_index(e.cur)
        return currency, minor(e.value, currency)
    priced = [line for line in e.items if line.price is not None]
    if not priced:
        return 0, 0
    currency = currency_index(e.cur)
    return currency, sum(minor(line.qty * line.price, currency) for line in priced if line.price is not None)


def _behavior(events: Events, decoded: Sequence[r.Behavior], items: Items, cells: Cells) -> list[Reject]:
    events["kind"] = [
        FEEDBACK_KINDS.get(e.feedback or "", EventKind.OTHER)
        if e.type == "feedback"
        else BEHAVIOR_KINDS.get(e.type, EventKind.OTHER)
        for e in decoded
    ]
    events["id"] = _hashes([e.id for e in decoded])
    events["creative"] = _numbers([e.creative_id for e in decoded])
    events["cell"] = cells.unattributed(None)
    events["dwell_ms"] = [e.dwell_ms or 0 for e in decoded]
    _item(events, [e.item_id for e in decoded], items)
    return []


def _statements(events: Events, decoded: Sequence[r.Consent], items: Items, cells: Cells) -> list[Reject]:
    events["kind"] = EventKind.CONSENT
    return []


_FILL: Final[dict[str, Callable[[Events, Any, Items, Cells], list[Reject]]]] = {
    IMPRESSION.name: _impressions,
    CLICK.name: _clicks,
    CONVERSION.name: _conversions,
    BEHAVIOR.name: _behavior,
    CONSENT.name: _statements,
}


def _place(events: Events, devices: Sequence[r.Device | None]) -> None:
    """Device type, place, and hour and weekday at that place."""
    here = [i for i, device in enumerate(devices) if device is not None]
    if not here:
        return
    found = [_where(device) for device in devices if device is not None]
    events["device"][here] = [kind for kind, _, _ in found]
    events["geo"][here] = [geo for _, geo, _ in found]
    located = [i for i, (_, _, offset) in zip(here, found, strict=True) if offset is not None]
    if located:
        minutes = np.array([offset for _, _, offset in found if offset is not None], np.int64)
        local = events["ts"][located] + minutes * 60_000
        events["hour"][located] = local // _HOUR_MS % 24
        events["weekday"][located] = (local // (24 * _HOUR_MS) + 3) % 7  # 1970-01-01 was a Thursday


def _where(device: r.Device) -> tuple[int, int, int | None]:
    """(devicetype 0..8, 16-bit hash of country-region, minutes east of UTC)."""
    kind = device.devicetype if device.devicetype is not None and device.devicetype <= 8 else 0
    geo = device.geo
    if geo is None:
        return kind, 0, None
    place = (
        (xxh3_64_intdigest(f"{geo.country}-{geo.region or ''}".encode()) & 0xFFFF or 1) if geo.country else 0
    )
    return kind, place, geo.utcoffset


def _consent(events: Events, decoded: Sequence[Any]) -> None:
    """What each event itself says of consent."""
    stated = [i for i, e in enumerate(decoded) if e.explicit is not None or e.regs is not None]
    if stated:
        events["consent"][stated] = [_statement(decoded[i].explicit, decoded[i].regs) for i in stated]


def _statement(explicit: r.Explicit | None, regs: r.Regs | None) -> int:
    """Bits of EVENT["consent"]. An explicit statement covers all purposes: one it does not name is not
    granted."""
    bits = 0
    if explicit is not None and any(getattr(explicit, name) is not None for name, _ in _PURPOSES):
        bits = CONSENT_KNOWN | sum(purpose for name, purpose in _PURPOSES if getattr(explicit, name))
    if regs is not None and (
        regs.gdpr == 1 or regs.coppa == 1 or (regs.ext is not None and regs.ext.gpc == 1)
    ):
        bits |= GDPR  # silence of a child or of a browser that opted out is a no, too
    return bits
