"""From what is known of an id and what ads.revocation.v1 says of it to what it should say. Pure."""

from __future__ import annotations

from typing import Final

from agents.revoking.causes import CauseFound
from models.revocations import Revocation
from streams.mapping.revocations import REMEMBERED_MS

RESUMED: Final = "resumed"
SPREADS_MS: Final = 5_000
"""By then every generator has read the record of a change."""
KEPT: Final = frozenset({"template", "creative", "picture"})
"""Kinds whose revocations stay: kept copy, or a stored picture, may come back long after."""


def to_state(found: CauseFound, said: Revocation | None, now_ms: int) -> Revocation | None:
    """What must be stated of an id now; None = it is said, or there is nothing to say. A person's word stands
    until a person takes it back."""
    stands = said is not None and said.lasting
    if said is not None and stands and said.by:
        return None
    if found.reason is None or not found.lasting:
        if stands:
            return Revocation(found.kind, found.id, RESUMED, now_ms)
        return None if found.reason is None else _of_change(found, found.reason, said, now_ms)
    if said is not None and stands and said.reason == found.reason:
        return None
    if found.kind not in KEPT and now_ms - found.since_ms > REMEMBERED_MS:
        return None  # whatever it made has expired
    return Revocation(found.kind, found.id, found.reason, now_ms, lasting=True)


def _of_change(found: CauseFound, reason: str, said: Revocation | None, now_ms: int) -> Revocation | None:
    """What was made before a change, or by who did not know of it yet, is revoked once. What is made in this
    very moment is of the new state; who states a change late leaves what was made since."""
    known = said is not None and said.since_ms >= found.since_ms
    if known or now_ms - found.since_ms > REMEMBERED_MS:
        return None
    since_ms = max(found.since_ms, min(now_ms - 1, found.since_ms + SPREADS_MS))
    return Revocation(found.kind, found.id, reason, since_ms)


def is_forgotten(said: Revocation, now_ms: int) -> bool:
    """Whether a revocation says nothing any more: all that it touches has expired."""
    if now_ms - said.since_ms <= REMEMBERED_MS or said.mode:
        return False
    return not said.lasting or (said.kind not in KEPT and not said.by)
