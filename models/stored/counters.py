"""Rows `a` as they were."""

from __future__ import annotations

from typing import Final

_BEFORE: Final = 8 * (8 + 7)
"""Bytes of fences and of the counts of version 1."""
_INVALID: Final = 8 * 2
"""Two counts more."""


def with_invalid_traffic(payload: bytes) -> bytes:
    """Version 1 to 2: impressions and clicks that do not count are counted; none was."""
    return payload[:_BEFORE] + bytes(_INVALID) + payload[_BEFORE:]


_COUNTED_2: Final = _BEFORE + _INVALID + 8 * 8
_SHOWINGS: Final = 4 * (8 + 2)
"""Bytes of clicked exposures and of users."""


def with_users(payload: bytes) -> bytes:
    """Version 2 to 3: clicked exposures and users are counted from here on."""
    return payload[:_COUNTED_2] + bytes(_SHOWINGS) + payload[_COUNTED_2:]


_COUNTED_3: Final = _BEFORE + _INVALID
_PLAYED: Final = 8 * 5


def counters_with_plays(payload: bytes) -> bytes:
    """Version 3 to 4: how far clips were played is counted from here on."""
    return payload[:_COUNTED_3] + bytes(_PLAYED) + payload[_COUNTED_3:]
