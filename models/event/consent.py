"""Row `c`: what a user allows, and since when an erased one is forgotten."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba.types import bool_, int64

from models.arrays import Rows
from models.event.layout import Purpose
from models.kernels.argument_types import record
from models.kernels.compiled import kernel, part
from models.row import CONSENT_VERSION, FENCES, HEADER

CONSENT_ROW: Final = np.dtype(
    [
        *HEADER.descr,
        ("erased_ts", "<i8"),  # append time of the erasure request, 0 none
        ("stated_ts", "<i8"),  # ts of the statement in force
        ("granted", "u1"),  # Purpose bits it grants
        ("known", "u1"),  # 1 = there is a statement
        ("gdpr", "u1"),  # 1 = the consent topic said that GDPR applies
        ("linked", "u1"),  # 1 = the user states a link; row i has it
        ("partner_denies", "u1"),  # Purpose bits that the user's partner does not grant
        ("spare", "u1", (3,)),
    ]
)
"""Consent, erasure, and the fences of events that were denied (they must not be learnt by a replay after a
later grant)."""

ALL_PURPOSES: Final = int(Purpose.PROFILE | Purpose.PERSONALISE | Purpose.MEASURE | Purpose.TRAIN)

KIND_C: Final = ord("c")
KIND_X: Final = ord("x")


@part
def open_row(row, kind, version):  # type: ignore[no-untyped-def]
    """Make an all-zero row a row: fences say that nothing was applied."""
    if row["version"] == 0:
        row["version"], row["kind"] = version, kind
        for s in range(FENCES):
            row["fence"][s] = -1


@kernel(record(CONSENT_ROW), int64, int64, int64)
def state_consent(row, ts, until, granted):  # type: ignore[no-untyped-def]
    """Take a statement that was made between ts and until, for most the same: it wins where it is surely the
    latest; where it may be, only what both grant is granted. True = the row changed. `until`: no later than
    the statement arrived, else a clock that is ahead would outrank what the user says next."""
    if row.known == 0 or ts > row.stated_ts:
        row.known, row.stated_ts, row.granted = 1, ts, granted
        return True
    if until >= row.stated_ts and row.granted & granted != row.granted:
        row.granted = row.granted & granted
        return True
    return False


@kernel(record(CONSENT_ROW), bool_, int64)
def own_purposes(row, gdpr, default):  # type: ignore[no-untyped-def]
    """Purpose bits: what the user stated, else nothing under GDPR, else the operator's default."""
    if row.known:
        return np.int64(row.granted)
    if gdpr or row.gdpr:
        return np.int64(0)
    return default


@kernel(record(CONSENT_ROW), bool_, int64)
def purposes_in_force(row, gdpr, default):  # type: ignore[no-untyped-def]
    """Purpose bits that the user allows, and the partner as well where there is one."""
    return own_purposes(row, gdpr, default) & (ALL_PURPOSES ^ np.int64(row.partner_denies))


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
