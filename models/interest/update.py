"""Events into profiles: one sequential pass over a batch, so that any split of the events into batches gives
the same bytes.

| event                   | vectors | detector                              | counters                       |
|-------------------------|---------|---------------------------------------|--------------------------------|
| impression              | -       | -                                     | n_imp, ew_imp, context         |
| click, like             | 1       | yes                                   | n_pos, top items, price, freq  |
| search                  | 2       | twice, each a draw of its own         | context                        |
| dwell, video of 30 s,   | 0.5     | the history of codes alone            | context                        |
| comment; product; page  | .25; .1 |                                       |                                |
| ... stayed for 30 s     | .5; .25 |                                       |                                |
| ... left within 2 s     | -       | -                                     | context                        |
| add to cart             | 3       | yes                                   | as click                       |
| conversion, each line   | 5       | unless clicked in the same session    | as click, spend                |
| return                  | -       | -                                     | context                        |
| hide, report            | -2      | the code leaves the history           | n_hide, code hidden for 30 d   |
| avoid                   | -2      | the same                              | code hidden for good           |
| prefer                  | 8       | models/interest/stated.py             | code no longer hidden          |
What no item tells an event is about, its words may: text, categories, keywords (models/event/terms.py).
Anything older than a day against the user's own newest learning event changes counters only. A positive of an
earlier session (older than 30 min) enters the detector's history but not its ring. `bot_per_minute`
positives or `bot_shown_per_minute` impressions in a minute mark the user as a bot until an hour after the
last such minute: detector and triggers rest, counters and vectors go on. Conversions of an order are not
counted: many lines are one purchase.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba.types import bool_, float64, uint8
from numpy.typing import NDArray

from models.arrays import Rows
from models.event.layout import (
    CONSENT_KNOWN,
    EVENT,
    FROM_BOT,
    LINE,
    NO_LINES,
    EventKind,
    Purpose,
    Status,
)
from models.interest.catalog_change import enter_version
from models.interest.concentration import INITIAL
from models.interest.context import count_context
from models.interest.detector.shift import (
    SETTINGS_TYPE,
    DetectorSettings,
    clear_scan,
)
from models.interest.learning import learn
from models.interest.profile import (  # fmt: skip
    CATALOG_TYPE,
    FIRE,
    KIND,
    NO_CODE,
    PROFILE,
    REGIME_CODES,
    REGIMES,
    SUPPRESSED,
    CatalogArrays,
)
from models.interest.sessions import counts_as_bot
from models.kernels.argument_types import matrix, read_only, rows, vector
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel, part
from models.kernels.half import float_to_half
from models.row import FENCES, PROFILE_VERSION

_APPLIED: Final = int(Status.APPLIED)
_DENIED: Final = int(Status.DENIED)
_PROFILE: Final = int(Purpose.PROFILE)
_NOT_PERSONALISE: Final = 255 ^ int(Purpose.PERSONALISE)
_CONVERSION: Final = int(EventKind.CONVERSION)
_CONSENT: Final = int(EventKind.CONSENT)
_RESTRICT: Final = int(EventKind.RESTRICT)
_CREATIVE: Final = int(EventKind.CREATIVE)
_TOMBSTONE: Final = int(EventKind.TOMBSTONE)


THOSE_OF_SETTINGS: Final = np.empty(0)
"""Thresholds of no event of its own."""
_NO_FIRES: Final = np.empty(0, FIRE)
"""Nearly every small batch has none; an array of many fields costs more to make than most events to learn."""
_NO_SNAPSHOTS: Final = np.empty(0, PROFILE)


class Updates(NamedTuple):
    """What one pass did: `fires` FIRE (k,) in event order, `snapshots` PROFILE (k,) rows right after each
    fire, flags bool (users,).

    A cleared row is all zero (version 0) and also in `changed`: delete it.
    """

    fires: Rows
    snapshots: Rows
    changed: NDArray[np.bool_]
    cleared: NDArray[np.bool_]


def update_profiles(
    profiles: Rows,
    events: Rows,
    catalog: CatalogArrays,
    settings: DetectorSettings,
    thresholds: NDArray[np.float64] = THOSE_OF_SETTINGS,
    lines: Rows = NO_LINES,
) -> Updates:
    """Applies EVENT (n,) to PROFILE (users,) in place, in order; event["user"] indexes `profiles`, absent
    rows are all zero.

    Learns from events of status APPLIED with purpose PROFILE; fires only with PERSONALISE too. An event that
    states consent, an erasure or a restriction clears the row when PROFILE is no longer in force.
    Marks the events of a bot (FROM_BOT) and leaves the detector's score with the positives that it judged.
    `thresholds` (n,): of the trigger; (0,) where that of the settings is every event's. `lines` LINE (k,):
    what conversions took beside their own item; an order fires once at most.
    """
    n = len(events)
    fires, snapshots = np.empty((n, FIRE.itemsize), np.uint8), np.empty((n, PROFILE.itemsize), np.uint8)
    changed, cleared = np.zeros((2, len(profiles)), np.bool_)
    fired = apply(profiles, events, lines, catalog, settings, thresholds, fires, snapshots, changed, cleared)
    if not fired:
        return Updates(_NO_FIRES, _NO_SNAPSHOTS, changed, cleared)
    return Updates(
        fires[:fired].reshape(-1).view(FIRE), snapshots[:fired].reshape(-1).view(PROFILE), changed, cleared
    )


@kernel(
    rows(PROFILE),
    rows(EVENT),
    read_only(rows(LINE)),
    CATALOG_TYPE,
    SETTINGS_TYPE,
    vector(float64),
    matrix(uint8),
    matrix(uint8),
    vector(bool_),
    vector(bool_),
)
def apply(
    profiles: Any,
    events: Any,
    lines: Any,
    catalog: Any,
    settings: Any,
    thresholds: Any,
    fires: Any,
    snapshots: Any,
    changed: Any,
    cleared: Any,
) -> Any:
    """The pass of update_profiles over preallocated outputs, `fires` and `snapshots` as bytes; returns the
    number of fires."""
    profiles, events, catalog = borrowed(profiles), borrowed(events), borrowed(catalog)
    fires, snapshots = borrowed(fires).reshape(-1).view(FIRE), borrowed(snapshots).reshape(-1).view(PROFILE)
    n = line = 0
    for i in range(events.size):
        threshold = thresholds[i] if thresholds.size else settings.threshold
        event = events[i]
        status = event["status"]
        if status != _APPLIED and status != _DENIED:
            continue
        kind = event["kind"]
        user = event["user"]
        row = profiles[user]
        allowed = event["purposes"] & _PROFILE != 0
        about_consent = _CONSENT <= kind <= _RESTRICT
        if not allowed and (about_consent or event["consent"] & CONSENT_KNOWN != 0):
            if row["head"]["version"] != 0:
                profiles[user] = np.zeros(1, profiles.dtype)[0]
                changed[user] = cleared[user] = True
            continue
        if not allowed or status == _DENIED or kind in (_CREATIVE, _TOMBSTONE):
            continue
        if about_consent and row["head"]["version"] == 0:
            continue
        touch(row, event, catalog)
        changed[user] = True
        cleared[user] = False
        if about_consent:
            continue
        count_context(row, event)
        bot = counts_as_bot(row, event, settings.bot_per_minute, settings.bot_shown_per_minute)
        if bot:
            events[i]["purposes"] |= FROM_BOT
        fired = learn(row, event, bot, catalog, settings, threshold, fires[n])
        if kind == _CONVERSION and lines.size:
            while line < lines.size and lines[line]["offset"] <= event["offset"]:
                if lines[line]["offset"] == event["offset"]:
                    more = line_event(events[i : i + 1], lines[line], fired)
                    fired |= learn_line(row, more[0], bot, catalog, settings, threshold, fires[n])
                line += 1
        if fired:
            fires[n]["event"] = i
            fires[n]["user"] = user
            snapshots[n] = row
            n += 1
    return n


@part
def line_event(event: Any, line: Any, fired: Any) -> Any:
    """(1,) EVENT: a further line of an order as a conversion of its own; it asks for nothing once one before
    it `fired`."""
    more = event.copy()
    more[0]["item"], more[0]["code"], more[0]["price_z"] = line["item"], line["code"], line["price_z"]
    more[0]["value_minor"] = 0
    if fired:
        more[0]["purposes"] &= _NOT_PERSONALISE
    return more


@part
def learn_line(row: Any, event: Any, bot: Any, catalog: Any, settings: Any, threshold: Any, fire: Any) -> Any:
    """As `learn`; where the order fired before, its change point moves on with the ring."""
    before = row["n_seen"]
    slot = fire["change_slot"]
    fired = learn(row, event, bot, catalog, settings, threshold, fire)
    if not fired and slot > 0:
        fire["change_slot"] = max(slot - (row["n_seen"] - before), 0)
    return fired


@part
def touch(row: Any, event: Any, catalog: Any) -> None:
    """Initialises an absent row, brings it to the catalogue's version and advances its fence."""
    head = row["head"]
    if head["version"] == 0:
        initialise(row, catalog.version)
    if head["catalog_version"] != catalog.version:
        enter_version(row, catalog)
    fence = head["fence"]
    fence[event["source"]] = max(np.int64(fence[event["source"]]), np.int64(event["offset"]))


@part
def initialise(row: Any, catalog_version: Any) -> None:
    """A row that knows nothing; `row` is all zero."""
    head = row["head"]
    head["version"] = PROFILE_VERSION
    head["kind"] = KIND
    head["catalog_version"] = catalog_version
    for i in range(FENCES):
        head["fence"][i] = -1
    row["concentration"] = float_to_half(INITIAL)
    row["prev"] = NO_CODE
    clear_scan(row)
    for i in range(SUPPRESSED):
        row["suppressed"][i] = NO_CODE
    for i in range(REGIMES):
        for j in range(REGIME_CODES):
            row["regimes"][i]["code"][j] = NO_CODE
