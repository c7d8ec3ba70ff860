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
