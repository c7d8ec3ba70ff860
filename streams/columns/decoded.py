"""A batch of one topic as columns: decoded records become one EVENT array; what cannot be used becomes
refusals.

The only per-event Python is a list comprehension or two per field; what the fields mean is the kernel's
business (models/event/fill.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from xxhash import xxh3_64_intdigest

from models.arrays import Rows
from models.event import fields as f
from models.event.fill import UNKNOWN_CAMPAIGN, event_id, fill_events
from models.event.json_values import packed_name
from models.event.layout import LINE, PLAYED_KINDS, EventKind, EventSource, empty_events
from models.event.terms import SaidPiece, term_codes_of
from models.kernels.lookup import Lookup
from models.money import MoneyError, bookable, currency_index, impression_micros, minor
from streams import records as r
from streams.columns.names import Cells, Items, tables_of
from streams.mapping.orders import order_worth, taken_items
from streams.mapping.statements import opted_out, string_dates, tc_stated
from streams.topics import BEHAVIOR, CLICK, CONSENT, CONVERSION, IMPRESSION, USER_TOPICS
from streams.wire.ids import hash64, number_of
from streams.wire.refusals import Reason, Reject

Events = np.ndarray[Any, np.dtype[np.void]]


SOURCE_OF: Final = {spec.name: EventSource(i) for i, spec in enumerate(USER_TOPICS)}
_LEVELS: Final = {
    IMPRESSION.name: f.IMPRESSION,
    CLICK.name: f.CLICK,
    BEHAVIOR.name: f.BEHAVIOR,
    CONVERSION.name: f.CONVERSION,
    CONSENT.name: f.STATEMENT,
}
_LOW: Final = 2**32 - 1
_UNKNOWN_CAMPAIGN: Final = "no campaign of this id is on ads.campaign.v1"


class _Fields:
    """Fields of n decoded records as models.event.fill takes them."""

    def __init__(self, n: int) -> None:
        self.have = np.zeros(n, np.uint64)
        self.hashes = np.zeros((f.N_FIELDS, n), np.uint64)
        self.numbers = np.zeros((f.N_FIELDS, n), np.int64)

    def hash(self, field: int, values: Sequence[int]) -> None:
        """Hashes, or packed letters, of one field; 0 = it has no value."""
        self.hashes[field] = values
        self.have |= (self.hashes[field] != 0).astype(np.uint64) << np.uint64(field)

    def number(self, field: int, values: Sequence[int | None]) -> None:
        """Numbers of one field; None = it has no value."""
        self.numbers[field] = [value or 0 for value in values]
        given = np.array([value is not None for value in values], np.uint64)
        self.have |= given << np.uint64(field)


def columns(
    topic: str,
    decoded: Sequence[Any],
    offsets: Sequence[int],
    append_ts: Sequence[int],
    items: Items,
    cells: Cells,
    campaigns: Lookup,
    vendor: int = 0,
) -> tuple[Events, list[Reject]]:
    """EVENT array (n,) of n decoded records of one event topic; `user` is left 0. Refusals name indices of
    events to leave out: impressions and clicks of campaigns that nobody published, and money that is none.
    `vendor`: see models.event.tc_grants."""
    events, fields = empty_events(len(decoded)), _Fields(len(decoded))
    events["source"] = SOURCE_OF[topic]
    events["offset"], events["append_ts"] = offsets, append_ts
    fields.number(f.TS, [e.ts for e in decoded])
    rejects = _READ[topic](events, fields, decoded, cells)
    if topic != CONSENT.name:
        fields.hash(f.ID, _hashes([e.id for e in decoded]))
        _read_devices(fields, [e.device for e in decoded])
    _read_consent(fields, decoded, vendor)
    if topic in _SAYING:
        _read_words(events, decoded, items, _SAYING[topic])
    outcomes = np.zeros(len(decoded), np.uint8)
    tables = tables_of(items, cells, campaigns)
    fill_events(events, _LEVELS[topic], fields.have, fields.hashes, fields.numbers, tables, outcomes)
    _date_strings(events, decoded, vendor)
    return events, rejects + [
        Reject(i, Reason.UNKNOWN_CAMPAIGN, "validate", _UNKNOWN_CAMPAIGN)
        for i in np.flatnonzero(outcomes == UNKNOWN_CAMPAIGN).tolist()
    ]


def _hashes(texts: Sequence[str | None]) -> list[int]:
    """As streams.wire.ids.hash64; 0 for None."""
    return [0 if text is None else xxh3_64_intdigest(text.encode()) or 1 for text in texts]


def _numbers(ids: Sequence[str | None]) -> list[int]:
    return [0 if text is None else number_of(text) for text in ids]


def _packed(text: str | None) -> int:
    """Letters of a short word, 0 for none; 1, which is no word's, for a longer one."""
    if not text:
        return 0
    return packed_name(text)[0] if len(text.encode()) <= 8 else 1


def _read_impressions(
    events: Events, fields: _Fields, decoded: Sequence[r.Impression], cells: Cells
) -> list[Reject]:
    for e in decoded:
        cells.provisional(e.campaign_id, e.slot, e.template_id)
    fields.number(f.EVENT, [e.event for e in decoded])
    fields.hash(f.CREATIVE, _numbers([e.creative_id for e in decoded]))
    fields.hash(f.CAMPAIGN, _hashes([e.campaign_id for e in decoded]))
    fields.hash(f.SLOT, _hashes([e.slot for e in decoded]))
    fields.hash(f.TEMPLATE, _hashes([e.template_id for e in decoded]))
    fields.hash(f.ITEM, _hashes([e.item_id for e in decoded]))
    fields.number(f.POS, [None if e.placement is None else e.placement.pos for e in decoded])
    rejects: list[Reject] = []
    prices = [e.price for e in decoded]
    if any(prices):
        fields.number(f.CPM, [_micros(price, i, rejects) for i, price in enumerate(prices)])
        fields.hash(f.CUR, [_packed(price.cur.upper()) if price and price.cur else 0 for price in prices])
    return rejects


def _micros(price: r.ImpressionPrice | None, at: int, rejects: list[Reject]) -> int | None:
    """Cost of one impression; money that is none is a refusal of the record at this index."""
    if price is None or price.cpm is None:
        return None
    try:
        currency_index(price.cur)
        return impression_micros(price.cpm)
    except MoneyError as error:
        rejects.append(Reject(at, Reason.NUMBER_RANGE, "validate", f"price: {error}"))
        return None


def _read_clicks(events: Events, fields: _Fields, decoded: Sequence[r.Click], cells: Cells) -> list[Reject]:
    for e in decoded:
        cells.unattributed(e.campaign_id)
    fields.hash(f.IMP, _hashes([e.imp_id for e in decoded]))
    fields.hash(f.CREATIVE, _numbers([e.creative_id for e in decoded]))
    fields.hash(f.CAMPAIGN, _hashes([e.campaign_id for e in decoded]))
    fields.hash(f.SLOT, _hashes([e.slot for e in decoded]))
    fields.hash(f.ITEM, _hashes([e.item_id for e in decoded]))
    return []


def _read_conversions(
    events: Events, fields: _Fields, decoded: Sequence[r.Conversion], cells: Cells
) -> list[Reject]:
    rejects: list[Reject] = []
    events["kind"] = [_kind(e) for e in decoded]
    fields.hash(f.IMP, [_named(e) for e in decoded])
    fields.hash(f.ITEM, _hashes([_taken(e)[0] for e in decoded]))
    events["order"] = [0 if e.order is None else hash64(e.order) & _LOW or 1 for e in decoded]
    for i, e in enumerate(decoded):
        try:
            events["currency"][i], events["value_minor"][i] = _value(e)
        except MoneyError as error:
            rejects.append(Reject(i, Reason.NUMBER_RANGE, "validate", f"value: {error}"))
    return rejects


def _kind(e: r.Conversion) -> EventKind:
    """Lines of which none was taken are no purchase; with money, they are one that gives it back."""
    if e.items and order_worth(e) == 0 and not taken_items(e):
        return EventKind.OTHER
    return EventKind.CART if e.type == "add_to_cart" else EventKind.CONVERSION


def _taken(e: r.Conversion) -> tuple[str | None, list[str]]:
    """The item that a conversion itself is of, and what was taken beside it; one that gives money back is of
    none."""
    taken = taken_items(e)
    return (None, taken) if order_worth(e) < 0 or not taken else (taken[0], taken[1:])


def order_lines_of(decoded: Sequence[r.Conversion], offsets: Sequence[int], items: Items) -> Rows:
    """LINE (k,) of the items that conversions took beside the first, in the order of the offsets; what no
    catalogue has says nothing."""
    found = [
        (offset, row)
        for e, offset in zip(decoded, offsets, strict=True)
        if len(e.items) > 1
        for row in _rows_of(_taken(e)[1], items)
    ]
    lines = np.empty(len(found), LINE)
    if found:
        lines["offset"], lines["item"] = zip(*found, strict=True)
        lines["code"], lines["price_z"] = items.codes[lines["item"]], items.price_z[lines["item"]]
    return lines


def _rows_of(ids: Sequence[str], items: Items) -> list[int]:
    return [items.index[each] for each in ids if each in items.index]


def _named(e: r.Conversion) -> int:
    """The impression, else the click, that a conversion names; 0 none."""
    if e.imp_id is None and e.click_id is not None:
        return event_id(EventSource.CLICK, hash64(e.click_id)) or 1
    return 0 if e.imp_id is None else hash64(e.imp_id)


def _value(e: r.Conversion) -> tuple[int, int]:
    """(currency, minor units): the stated value, else the sum of the order lines that have a price."""
    if e.value is not None:
        currency = currency_index(e.cur)
        return currency, minor(e.value, currency)
    priced = [line for line in e.items if line.price is not None]
    if not priced:
        return 0, 0
    currency = currency_index(e.cur)
    lines = (minor(line.qty * line.price, currency) for line in priced if line.price is not None)
    return currency, bookable(sum(lines))


def _read_behavior(
    events: Events, fields: _Fields, decoded: Sequence[r.Behavior], cells: Cells
) -> list[Reject]:
    fields.hash(f.TYPE, [_packed(e.type) for e in decoded])
    fields.hash(f.FEEDBACK, [_packed(e.feedback) for e in decoded])
    fields.hash(f.KEYWORDS, _hashes([e.kwarray[0] if e.kwarray else None for e in decoded]))
    fields.hash(f.CREATIVE, _numbers([e.creative_id for e in decoded]))
    fields.hash(f.ITEM, _hashes([e.item_id for e in decoded]))
    fields.number(f.DWELL, [e.dwell_ms for e in decoded])
    return []


def _read_words(
    events: Events, decoded: Sequence[Any], items: Items, said_by: Callable[[Any], list[SaidPiece]]
) -> None:
    """The codes that words speak of where no item is known: the words go no further."""
    said = [(i, said_by(e)) for i, e in enumerate(decoded) if e.item_id not in items.index]
    speaking = [(i, pieces) for i, pieces in said if pieces]
    if speaking:
        places, spoken = zip(*speaking, strict=True)
        events["code"][list(places)] = term_codes_of(spoken, items.terms.keys, items.terms.values)


def _said_by_click(e: r.Click) -> list[SaidPiece]:
    return [SaidPiece(name, True) for name in e.cat]


def _said_by_behavior(e: r.Behavior) -> list[SaidPiece]:
    """In the order of models/event/said.py."""
    played = e.type == "video" and bool(e.kwarray) and e.kwarray[0] in PLAYED_KINDS
    text = [SaidPiece(e.text)] if e.text else []
    return text + [SaidPiece(name, True) for name in e.cat] + [SaidPiece(word) for word in e.kwarray[played:]]


_SAYING: Final[dict[str, Callable[[Any], list[SaidPiece]]]] = {
    CLICK.name: _said_by_click,
    BEHAVIOR.name: _said_by_behavior,
}


def _read_statements(
    events: Events, fields: _Fields, decoded: Sequence[r.Consent], cells: Cells
) -> list[Reject]:
    events["kind"] = EventKind.CONSENT
    return []


_READ: Final[dict[str, Callable[[Events, _Fields, Any, Cells], list[Reject]]]] = {
    IMPRESSION.name: _read_impressions,
    CLICK.name: _read_clicks,
    CONVERSION.name: _read_conversions,
    BEHAVIOR.name: _read_behavior,
    CONSENT.name: _read_statements,
}


def _read_devices(fields: _Fields, devices: Sequence[r.Device | None]) -> None:
    if not any(devices):
        return
    places = [None if device is None else device.geo for device in devices]
    fields.number(f.DEVICETYPE, [None if device is None else device.devicetype for device in devices])
    fields.number(f.UTCOFFSET, [None if geo is None else geo.utcoffset for geo in places])
    named = [f"{g.country}-{g.region or ''}" if g is not None and g.country else None for g in places]
    fields.hash(f.COUNTRY, _hashes(named))


def _read_consent(fields: _Fields, decoded: Sequence[Any], vendor: int) -> None:
    """What each event itself says of consent."""
    if any(e.explicit is not None for e in decoded):
        for field, name in enumerate(("profile", "personalise", "measure", "train"), f.PROFILE_FIELDS):
            fields.number(field, [getattr(e.explicit, name, None) for e in decoded])
    if any(e.consent is not None or e.regs is not None for e in decoded):
        by_strings = [tc_stated(e, vendor) for e in decoded]
        fields.number(f.CONSENT, [None if each is None else each.purposes for each in by_strings])
    if any(e.regs is not None for e in decoded):
        for field, name in ((f.GDPR_FLAG, "gdpr"), (f.COPPA, "coppa")):
            fields.number(field, [getattr(e.regs, name, None) for e in decoded])
        fields.number(f.US_PRIVACY, [1 if opted_out(e.regs) else None for e in decoded])
        extras = [getattr(e.regs, "ext", None) for e in decoded]
        fields.number(f.GPC, [getattr(extra, "gpc", None) for extra in extras])


def _date_strings(events: Events, decoded: Sequence[Any], vendor: int) -> None:
    if any(e.consent is not None or e.regs is not None for e in decoded):
        dates = [string_dates(e, vendor) for e in decoded]
        events["stated_ts"], events["stated_until"] = zip(*dates, strict=True)
