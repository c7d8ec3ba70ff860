"""From the fields of one record to its event: look-ups, consent, place. Whoever read the record, the kernel
of models/event/scan.py or the decoder (streams/columns), hands over its fields in the same form."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba.types import bool_, float32, int16, int64, uint8, uint64
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from models.event.fields import (
    BEHAVIOR,
    CAMPAIGN,
    CLICK,
    CONSENT,
    COPPA,
    COUNTRY,
    CPM,
    CREATIVE,
    CUR,
    DEVICETYPE,
    DWELL,
    EVENT,
    FEEDBACK,
    GDPR_FLAG,
    GPC,
    ID,
    IMP,
    IMPRESSION,
    ITEM,
    KEYWORDS,
    N_FIELDS,
    POS,
    PROFILE_FIELDS,
    SLOT,
    TEMPLATE,
    TS,
    TYPE,
    US_PRIVACY,
    UTCOFFSET,
)
from models.event.json_values import packed_name
from models.event.layout import (
    BEHAVIOR_KINDS,
    CONSENT_KNOWN,
    FEEDBACK_KINDS,
    GDPR,
    PLAYED_KINDS,
    UNKNOWN_ITEM,
    EventKind,
    Purpose,
)
from models.event.layout import EVENT as EVENT_ROW
from models.kernels.argument_types import matrix, named_tuple, rows, vector
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel, part
from models.kernels.lookup import find_place
from models.money import UNKNOWN_CURRENCY

_HOUR_MS: Final = 3_600_000
_MIX: Final = 0x9E3779B97F4A7C15
_SHOWN: Final = 2  # AdCOM event type: impression; 3 to 5 say that one became viewable
_ALL: Final = int(Purpose.PROFILE | Purpose.PERSONALISE | Purpose.MEASURE | Purpose.TRAIN)
_PURPOSES: Final = np.array([Purpose.PROFILE, Purpose.PERSONALISE, Purpose.MEASURE, Purpose.TRAIN], np.uint8)
_BEHAVIORS, _FEEDBACKS = (
    np.array([packed_name(name)[0] for name in names], np.uint64)
    for names in (BEHAVIOR_KINDS, FEEDBACK_KINDS)
)
_BEHAVIOR_KINDS, _FEEDBACK_KINDS = (
    np.array(list(kinds.values()), np.uint8) for kinds in (BEHAVIOR_KINDS, FEEDBACK_KINDS)
)
_PLAYED: Final = np.array([xxh3_64_intdigest(name.encode()) for name in PLAYED_KINDS], np.uint64)
_PLAYED_KINDS: Final = np.array(list(PLAYED_KINDS.values()), np.uint8)
_FEEDBACK_TYPE, _VIDEO_TYPE = (list(BEHAVIOR_KINDS).index(name) for name in ("feedback", "video"))


class Tables(NamedTuple):
    """What names mean, as arrays of models.kernels.lookup.Lookup (keys: hashes)."""

    slots: NDArray[np.uint64]
    slot_numbers: NDArray[np.uint64]
    items: NDArray[np.uint64]
    item_rows: NDArray[np.uint64]
    codes: NDArray[np.int16]
    price_z: NDArray[np.float32]
    cells: NDArray[np.uint64]  # of impressions, by `cell_key`
    cell_numbers: NDArray[np.uint64]
    click_cells: NDArray[np.uint64]  # by hash of the campaign
    click_cell_numbers: NDArray[np.uint64]
    campaigns: NDArray[np.uint64]  # those that are known
    any_campaign: bool  # none is known yet: all are welcome
    currencies: NDArray[np.uint64]  # by packed code
    currency_numbers: NDArray[np.uint64]
    terms: NDArray[np.uint64]  # words, and the codes that they speak of (models.event.terms)
    term_codes: NDArray[np.uint64]
    nobody: np.uint64  # cell of events without a campaign


_LOOKUP: Final = (vector(uint64), vector(uint64))
TABLES_TYPE: Final = named_tuple(
    Tables, *_LOOKUP, *_LOOKUP, vector(int16), vector(float32), *_LOOKUP, *_LOOKUP, vector(uint64), bool_,
    *_LOOKUP, *_LOOKUP, uint64,
)  # fmt: skip
"""As an argument of kernels."""


def cell_key(campaign: int, slot: int, template: int) -> int:
    """Key of an impression's cell from the hashes of its names; 0 stands for None."""
    return campaign ^ _rotated(slot, 21) ^ _rotated(template, 42)


def event_id(source: int, hashed: int) -> int:
    """Number of an event from its topic and the hash of its id, as `fill_event` gives it to all but the
    "became viewable" of an impression."""
    return hashed ^ (source * _MIX & 2**64 - 1)


def _rotated(value: int, n: int) -> int:
    return (value << n | value >> (64 - n)) & (2**64 - 1)


@part
def has(have: Any, f: int) -> Any:
    return (have >> np.uint64(f)) & np.uint64(1) != np.uint64(0)


FILLED, UNKNOWN_CAMPAIGN, UNKNOWN_NAME = range(3)
"""What became of an event; a name that is unknown was never met."""


@kernel(rows(EVENT_ROW), int64, vector(uint64), matrix(uint64), matrix(int64), TABLES_TYPE, vector(uint8))
def fill_events(
    events: Any, level: int, have: Any, hashes: Any, numbers: Any, tables: Tables, outcomes: Any
) -> None:
    """The events (n,) EVENT of n records, whose source and append_ts are set, from their fields: `have` (n,),
    `hashes` and `numbers` (N_FIELDS, n); see `fill_event`."""
    some_hashes, some_numbers = np.zeros(N_FIELDS, np.uint64), np.zeros(N_FIELDS, np.int64)
    events, hashes, numbers, tables = borrowed(events), borrowed(hashes), borrowed(numbers), borrowed(tables)
    for i in range(len(events)):
        for f in range(N_FIELDS):
            given = has(have[i], f)
            some_hashes[f] = hashes[f, i] if given else np.uint64(0)
            some_numbers[f] = numbers[f, i] if given else 0
        outcomes[i] = fill_event(events[i], level, have[i], some_hashes, some_numbers, tables)


@part
def fill_event(event: Any, level: int, have: Any, hashes: Any, numbers: Any, tables: Tables) -> Any:
    """The event of one record; FILLED, or why not.

    have: bits of the fields (models/event/fields.py) that have a value; hashes, numbers: (N_FIELDS,) values
    of texts and of numbers. COUNTRY is the hash of country-region, US_PRIVACY is 1 where it denies, CONSENT
    the purposes that a TC string grants, below 0 where none may be relied on. Kind and money of conversions
    and statements of consent are their readers' business.
    """
    if not _price(event, have, hashes, numbers, tables):
        return UNKNOWN_NAME
    outcome = _cell(event, level, have, hashes, tables)
    if outcome != FILLED:
        return outcome
    event.ts = numbers[TS]
    event.id = hashes[ID]
    event.creative = hashes[CREATIVE] if has(have, CREATIVE) else np.uint64(0)
    if has(have, SLOT) and level != BEHAVIOR:
        at = find_place(tables.slots, hashes[SLOT])
        event.slot = tables.slot_numbers[at] if at >= 0 else 0
    if level == IMPRESSION:
        event.imp = hashes[ID]
        viewable = has(have, EVENT) and numbers[EVENT] > _SHOWN
        event.kind = EventKind.VIEWABLE if viewable else EventKind.IMPRESSION
        if viewable:  # an impression and its "became viewable" share an id and are two events
            event.id ^= np.uint64(_MIX >> 1)
        event.position = numbers[POS] if has(have, POS) else 0
    elif level == BEHAVIOR:
        event.kind = _behavior(have, hashes)
        event.dwell_ms = numbers[DWELL] if has(have, DWELL) else 0
    else:
        event.imp = hashes[IMP] if has(have, IMP) else np.uint64(0)
        if level == CLICK:
            event.kind = EventKind.CLICK
    event.id ^= np.uint64(event.source) * np.uint64(_MIX)
    if has(have, ITEM):
        at = find_place(tables.items, hashes[ITEM])
        if at >= 0:
            event.item = tables.item_rows[at]
            event.code, event.price_z = tables.codes[event.item], tables.price_z[event.item]
        else:
            event.item = UNKNOWN_ITEM
    event.consent = _statement(have, numbers)
    _where(event, have, hashes, numbers)
    return FILLED


@part
def _cell(event: Any, level: int, have: Any, hashes: Any, tables: Tables) -> Any:
    """What the event counts for until its creative is known."""
    event.cell = tables.nobody
    if level >= BEHAVIOR:
        return FILLED
    if not has(have, CAMPAIGN):
        if level == IMPRESSION:
            event.cell = np.uint64(0)
        return FILLED
    campaign = hashes[CAMPAIGN]
    if not tables.any_campaign and find_place(tables.campaigns, campaign) < 0:
        return UNKNOWN_CAMPAIGN
    if level == CLICK:
        at = find_place(tables.click_cells, campaign)
        event.cell = tables.click_cell_numbers[max(at, 0)]
        return FILLED if at >= 0 else UNKNOWN_NAME
    slot = hashes[SLOT] if has(have, SLOT) else np.uint64(0)
    template = hashes[TEMPLATE] if has(have, TEMPLATE) else np.uint64(0)
    turned = (slot << np.uint64(21) | slot >> np.uint64(43)) ^ (
        template << np.uint64(42) | template >> np.uint64(22)
    )
    at = find_place(tables.cells, campaign ^ turned)
    event.cell = tables.cell_numbers[max(at, 0)]
    return FILLED if at >= 0 else UNKNOWN_NAME


@part
def _price(event: Any, have: Any, hashes: Any, numbers: Any, tables: Tables) -> Any:
    """Cost of an impression in micros; False for a currency that is none."""
    if not has(have, CPM):
        return True
    event.currency, event.value_minor = UNKNOWN_CURRENCY, numbers[CPM]
    if not has(have, CUR):
        return True
    at = find_place(tables.currencies, hashes[CUR])
    if at >= 0:
        event.currency = tables.currency_numbers[at]
    return at >= 0


@part
def _behavior(have: Any, hashes: Any) -> Any:
    for i in range(len(_BEHAVIORS)):
        if hashes[TYPE] == _BEHAVIORS[i]:
            if i == _FEEDBACK_TYPE and has(have, FEEDBACK):
                for k in range(len(_FEEDBACKS)):
                    if hashes[FEEDBACK] == _FEEDBACKS[k]:
                        return _FEEDBACK_KINDS[k]
            if i == _VIDEO_TYPE and has(have, KEYWORDS):
                for k in range(len(_PLAYED)):
                    if hashes[KEYWORDS] == _PLAYED[k]:
                        return _PLAYED_KINDS[k]
            return _BEHAVIOR_KINDS[i]
    return np.uint8(EventKind.OTHER)


@part
def _statement(have: Any, numbers: Any) -> Any:
    """Bits of EVENT["consent"]. An explicit statement covers all purposes: one it does not name is not
    granted. Beside a TC string, whose purposes numbers[CONSENT] holds, it grants what both grant."""
    bits = 0
    for i in range(len(_PURPOSES)):
        if has(have, PROFILE_FIELDS + i):
            bits |= CONSENT_KNOWN
            if numbers[PROFILE_FIELDS + i]:
                bits |= _PURPOSES[i]
    unreliable = has(have, CONSENT) and numbers[CONSENT] < 0  # a TC string that is asked for
    if has(have, CONSENT) and not unreliable:
        bits = (bits if bits else _ALL) & numbers[CONSENT] | CONSENT_KNOWN
    minor = (has(have, GDPR_FLAG) and numbers[GDPR_FLAG] == 1) or (has(have, COPPA) and numbers[COPPA] == 1)
    opted_out = (has(have, GPC) and numbers[GPC] == 1) or (has(have, US_PRIVACY) and numbers[US_PRIVACY] == 1)
    if minor or opted_out or unreliable:
        bits |= GDPR  # silence of a child or of whoever opted out is a no, too
    return np.uint8(bits)


@part
def _where(event: Any, have: Any, hashes: Any, numbers: Any) -> None:
    """Device type, place, and hour and weekday at that place."""
    if has(have, DEVICETYPE) and numbers[DEVICETYPE] <= 8:
        event.device = numbers[DEVICETYPE]
    if has(have, COUNTRY):
        event.geo = max(hashes[COUNTRY] & np.uint64(0xFFFF), np.uint64(1))
    if has(have, UTCOFFSET):
        local = event.ts + numbers[UTCOFFSET] * 60_000
        event.hour = local // _HOUR_MS % 24
        event.weekday = (local // (24 * _HOUR_MS) + 3) % 7  # 1970-01-01 was a Thursday
