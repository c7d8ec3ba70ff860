"""Row `c` and admission: what may happen with an event, before anything learns from it.

Order of the questions: was it applied already (fence)? was the user erased after it? was it sent twice? what
does the user allow?
"""

from __future__ import annotations

from typing import Final

import numpy as np

from models.arrays import Rows
from models.event.layout import CONSENT_KNOWN, GDPR, EventKind, Purpose, Status
from models.kernels.borrowed import borrowed
from models.kernels.compiled import kernel
from models.row import FENCES, HEADER

CONSENT_VERSION: Final = 1
CONSENT_ROW: Final = np.dtype(
    [
        *HEADER.descr,
        ("erased_ts", "<i8"),  # append time of the erasure request, 0 none
        ("stated_ts", "<i8"),  # ts of the statement in force
        ("granted", "u1"),  # Purpose bits it grants
        ("known", "u1"),  # 1 = there is a statement
        ("gdpr", "u1"),  # 1 = the consent topic said that GDPR applies
        ("spare", "u1", (5,)),
    ]
)
"""Consent, erasure, and the fences of events that were denied (they must not be learnt by a replay after a
later grant)."""

ALL_PURPOSES: Final = int(Purpose.PROFILE | Purpose.PERSONALISE | Purpose.MEASURE | Purpose.TRAIN)
_STATE: Final = int(Purpose.PROFILE | Purpose.MEASURE)  # without one of these an event may leave no trace
_PROFILE: Final = int(Purpose.PROFILE)
_PERSONALISE: Final = int(Purpose.PERSONALISE)
_KNOWN: Final = CONSENT_KNOWN
_GDPR: Final = GDPR
_CONSENT_KIND: Final = int(EventKind.CONSENT)
_APPLIED, _REPLAYED, _DUPLICATE = int(Status.APPLIED), int(Status.REPLAYED), int(Status.DUPLICATE)
_DENIED, _ERASED = int(Status.DENIED), int(Status.ERASED)

IDS: Final = 64
"""Event ids remembered per user."""
ID_HOURS: Final = 24
"""A remembered id counts for so long."""

KIND_C: Final = ord("c")
KIND_X: Final = ord("x")


@kernel
def open_row(row, kind, version):  # type: ignore[no-untyped-def]
    """Make an all-zero row a row: fences say that nothing was applied."""
    if row.version == 0:
        row.version = version
        row.kind = kind
        for s in range(FENCES):
            row.fence[s] = -1


@kernel
def applied_until(row, source):  # type: ignore[no-untyped-def]
    """Last applied offset of a source topic, -1 none."""
    return np.int64(-1) if row.version == 0 else row.fence[source]


@kernel
def state_consent(row, ts, granted):  # type: ignore[no-untyped-def]
    """Take a statement: the latest ts wins, a tie grants only what both grant. Commutes. True = the row
    changed."""
    if row.known == 0 or ts > row.stated_ts:
        row.known, row.stated_ts, row.granted = 1, ts, granted
        return True
    if ts == row.stated_ts and row.granted & granted != row.granted:
        row.granted = row.granted & granted
        return True
    return False


@kernel
def purposes_in_force(row, gdpr, default):  # type: ignore[no-untyped-def]
    """Purpose bits: what was stated, else nothing under GDPR, else the operator's default."""
    if row.known:
        return row.granted
    if gdpr or row.gdpr:
        return 0
    return default


@kernel
def seen_id(row, event_id, append_hour):  # type: ignore[no-untyped-def]
    """Whether the user's last ids of the last 24 h hold this one."""
    for k in range(IDS):
        if row.id[k] == event_id:
            age = (append_hour - row.id_hour[k]) & 255
            if age <= ID_HOURS or age >= 250:  # the topics' append times run a little apart
                return True
    return False


@kernel
def remember_id(row, event_id, append_hour):  # type: ignore[no-untyped-def]
    """Put an id in the place of the oldest."""
    k = row.id_next
    row.id[k] = event_id
    row.id_hour[k] = append_hour & 255
    row.id_next = (k + 1) % IDS


@kernel
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
        before = purposes_in_force(c, (e.consent & _GDPR) != 0 and not about, default)
        if about and e.consent & _GDPR:
            open_row(c, KIND_C, CONSENT_VERSION)
            c.gdpr = 1
        if e.consent & _KNOWN:
            open_row(c, KIND_C, CONSENT_VERSION)
            if state_consent(c, e.ts, e.consent & ALL_PURPOSES):
                changed_c[e.user] = True
        e.purposes = purposes_in_force(c, (e.consent & _GDPR) != 0, default)
        _decide(e, c, x, changed_c, changed_x)
        if before & ~e.purposes & (_PROFILE | _PERSONALISE):
            return i + 1, True
    return len(events), False


@kernel
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
        open_row(x, KIND_X, 1)
        hour = (e.append_ts // 3_600_000) & 255
        if seen_id(x, e.id, hour):
            e.status = _DUPLICATE
        else:
            remember_id(x, e.id, hour)
            e.status = _APPLIED
            x.newest_s = max(x.newest_s, e.ts // 1000)
        x.fence[e.source] = e.offset
        changed_x[e.user] = True


def keep_fences(consent: Rows, exposures: Rows, user: int) -> None:
    """Before row x of a user goes: its fences live on in row c, so that no replay is learnt. In place."""
    c, x = consent[user], exposures[user]
    open_row(c, KIND_C, CONSENT_VERSION)
    if x["version"] != 0:
        np.maximum(c["fence"], x["fence"], out=c["fence"])


def erase_row(consent: Rows, user: int, erased_ts: int) -> None:
    """Leave in row c its fences and the time of the erasure, and nothing else. In place; call keep_fences
    first."""
    row = consent[user]
    fence = row["fence"].copy()
    consent[user : user + 1] = np.zeros(1, CONSENT_ROW)
    row = consent[user]
    row["version"], row["kind"], row["erased_ts"] = CONSENT_VERSION, KIND_C, erased_ts
    row["fence"] = fence
