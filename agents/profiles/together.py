"""What a request says of a user who has a partner: the interests of both, each by what stands behind it. The
partner's go into the request alone, never into a row of the user."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Collection
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.interest.profile import DIMENSIONS
from models.linked.merging import mass_at, merged_shares, merged_vector
from streams import records as r

MOST_INTERESTS: Final = 6


def vector_of_both(
    own: NDArray[np.float32], profile: Any, heard: r.PartnerSummary | None, ts: int
) -> NDArray[np.float32]:
    """The vector to serve; a partner's of another catalogue version means something else."""
    if heard is None or heard.catalog_version != int(profile["head"]["catalog_version"]):
        return own
    other = _vector_told(heard.vector)
    if other is None:
        return own
    return merged_vector(own, _mass(profile, ts), other, mass_at(heard.mass, heard.ts, ts))


def interests_of_both(
    own: list[r.Weighted], profile: Any, heard: r.PartnerSummary | None, ts: int, hidden: Collection[str]
) -> list[r.Weighted]:
    """The interests to serve, without what the user hid."""
    if heard is None or not heard.top:
        return own
    told = [(each.name, each.weight) for each in heard.top if each.name not in hidden]
    merged = merged_shares(
        [(each.name, each.weight) for each in own],
        _mass(profile, ts),
        told,
        mass_at(heard.mass, heard.ts, ts),
        MOST_INTERESTS,
    )
    return [r.Weighted(name, round(share, 4)) for name, share in merged]


def _vector_told(text: str) -> NDArray[np.float32] | None:
    """None where a partner has no vector, or what is told is none: no event of the user may fail for it."""
    try:
        told = np.frombuffer(b64decode(text), "<f2").astype(np.float32)
    except ValueError:
        return None
    return told if len(told) == DIMENSIONS and np.isfinite(told).all() else None


def _mass(profile: Any, ts: int) -> float:
    return mass_at(float(profile["m_long"]), int(profile["t_ref"]), ts)
