"""The time of the wall, for what others read; intervals are measured by time.monotonic."""

from __future__ import annotations

import time


def unix_ms() -> int:
    """Unix ms."""
    return time.time_ns() // 1_000_000
