"""Which purposes users take back in a batch of events."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.arrays import IntArray, Rows
from models.event.consent import ALL_PURPOSES
from models.event.layout import CONSENT_KNOWN, Status

_NOT_HEARD: Final = (int(Status.REPLAYED), int(Status.ERASED))


def held_purposes(consent: Rows, default: int) -> IntArray:
    """Purpose bits in force by rows c (n,), as models.event.consent.purposes_in_force of each."""
    own = np.where(consent["known"] != 0, consent["granted"], np.where(consent["gdpr"] != 0, 0, default))
    return np.asarray(own & (ALL_PURPOSES ^ consent["partner_denies"].astype(np.int64)), np.int64)


def taken_back(events: Rows, held: IntArray) -> tuple[IntArray, IntArray]:
    """(indices into `events` of statements that took something back, the Purpose bits of each). `held`: bits
    per user before the batch. Of admitted events; what one takes back and the next grants again counts."""
    stated = (events["consent"] & CONSENT_KNOWN != 0) & ~np.isin(events["status"], _NOT_HEARD)
    at = np.flatnonzero(stated)
    at = at[np.argsort(events["user"][at], kind="stable")]
    user, now = events["user"][at], events["purposes"][at].astype(np.int64) & ALL_PURPOSES
    before = np.where(np.diff(user, prepend=-1) != 0, held[user], np.roll(now, 1))
    lost = before & ~now
    return at[lost != 0], lost[lost != 0]
