"""Admission: what may happen with an event, before anything learns from it.

Order of the questions: was it applied already (fence)? was the user erased after it? was it sent twice? what
does the user allow?
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba.types import bool_, int64

from models.earned.exposures import EXPOSURES, IDS
from models.event.consent import (
    ALL_PURPOSES,
    CONSENT_ROW,
    KIND_C,
    KIND_X,
    open_row,
    own_purposes,
    purposes_in_force,
    state_consent,
)
from models.event.layout import CONSENT_KNOWN, EVENT, GDPR, NARROWS, EventKind, Purpose, Status
from models.kernels.argument_types import rows, vector
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel, part
from models.row import CONSENT_VERSION, EXPOSURES_VERSION

ID_HOURS: Final = 24
"""A remembered id counts for so long."""

_STATE: Final = int(Purpose.PROFILE | Purpose.MEASURE)  # without one of these an event may leave no trace
_PROFILE: Final = int(Purpose.PROFILE)
_PERSONALISE: Final = int(Purpose.PERSONALISE)
_CONSENT_KIND: Final = int(EventKind.CONSENT)
_APPLIED, _REPLAYED, _DUPLICATE = int(Status.APPLIED), int(Status.REPLAYED), int(Status.DUPLICATE)
_DENIED, _ERASED = int(Status.DENIED), int(Status.ERASED)


@part
def applied_until(row, source):  # type: ignore[no-untyped-def]
    """Last applied offset of a source topic, -1 none."""
    return np.int64(-1) if row.version == 0 else row.fence[source]


@part
def seen_id(row, event_id, append_hour):  # type: ignore[no-untyped-def]
    """Whether the user's last ids of the last 24 h hold this one."""
    for k in range(IDS):
        if row.id[k] == event_id:
            age = (append_hour - row.id_hour[k]) & 255
            if age <= ID_HOURS or age >= 250:  # the topics' append times run a little apart
                return True
    return False


@part
def remember_id(row, event_id, append_hour):  # type: ignore[no-untyped-def]
    """Put an id in the place of the oldest."""
    k = row.id_next
    row.id[k] = event_id
    row.id_hour[k] = append_hour & 255
    row.id_next = (k + 1) % IDS


@kernel(int64, rows(CONSENT_ROW), rows(EXPOSURES), rows(EVENT), int64, vector(bool_), vector(bool_))
def admit(start, consent, exposures, events, default, changed_c, changed_x):  # type: ignore[no-untyped-def]
    """Write `status` and `purposes` of events[start:] and the rows' fences, ids and statements, one event
    after the other.

    Stops after an event that took PROFILE or PERSONALISE away, because rows must go before the next event is
    looked at. Returns the index of the next event (len(events) at the end) and whether the event before it
    took consent away.

    consent, exposures: rows c and x per unique user, changed in place; changed_c, changed_x: bool per unique
    user, set to True. default: Purpose bits of users without a statement.
    """
    consent, exposures, events = borrowed(consent), borrowed(exposures), borrowed(events)
    changed_c, changed_x = borrowed(changed_c), borrowed(changed_x)
    for i in range(start, len(events)):
        e = events[i]
        c, x = consent[e.user], exposures[e.user]
        if e.offset <= max(applied_until(c, e.source), applied_until(x, e.source)):
            e.status = _REPLAYED
            continue
        if c.erased_ts > 0 and (e.ts <= c.erased_ts or e.append_ts <= c.erased_ts):
            e.status = _ERASED
            continue
        about = e.kind == _CONSENT_KIND
        before = purposes_in_force(c, (e.consent & GDPR) != 0 and not about, default)
        if about and e.consent & GDPR:
            open_row(c, KIND_C, CONSENT_VERSION)
            c.gdpr = 1
        if e.consent & CONSENT_KNOWN and _stated(e, c, default):
            changed_c[e.user] = True
        e.purposes = purposes_in_force(c, (e.consent & GDPR) != 0, default)
        _decide(e, c, x, changed_c, changed_x)
        if before & ~e.purposes & (_PROFILE | _PERSONALISE):
            return i + 1, True
    return len(events), False


@part
def _stated(e, c, default):  # type: ignore[no-untyped-def]
    """Take what an event states; whether row c changed."""
    told = min(e.ts, e.append_ts)
    granted = np.int64(e.consent & ALL_PURPOSES)
    if e.consent & NARROWS:
        own = own_purposes(c, (e.consent & GDPR) != 0, default)
        if own & granted == own:
            return False
        granted &= own
    open_row(c, KIND_C, CONSENT_VERSION)
    return state_consent(c, min(e.stated_ts, told), min(e.stated_until, told), granted)


@part
def _decide(e, c, x, changed_c, changed_x):  # type: ignore[no-untyped-def]
    """Status of an event whose purposes are known; its fence goes to `x` when the event counts, else to
    `c`."""
    if e.kind == _CONSENT_KIND:
        open_row(c, KIND_C, CONSENT_VERSION)
        c.fence[e.source] = e.offset
        changed_c[e.user] = True
        e.status = _APPLIED
    elif e.purposes & _STATE == 0:
        open_row(c, KIND_C, CONSENT_VERSION)
        c.fence[e.source] = e.offset
        changed_c[e.user] = True
        e.status = _DENIED
    else:
        open_row(x, KIND_X, EXPOSURES_VERSION)
        hour = (e.append_ts // 3_600_000) & 255
        if seen_id(x, e.id, hour):
            e.status = _DUPLICATE
        else:
            remember_id(x, e.id, hour)
            e.status = _APPLIED
            x.newest_s = max(x.newest_s, e.ts // 1000)
        x.fence[e.source] = e.offset
        changed_x[e.user] = True
