"""Mistakes in times: seconds where milliseconds are meant, an end that is no later than its start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from models.mistakes.mistake import Mistake

YEAR_2001_MS: Final = 978_307_200_000
"""Times before are seconds where milliseconds are meant: in seconds it is the year 33,000."""


def time_mistakes(where: str, start_ms: int | None, end_ms: int | None) -> Iterator[Mistake]:
    """Of a span whose fields are `where`.start and `where`.end; None = open."""
    for name, ms in (("start", start_ms), ("end", end_ms)):
        if ms is not None and 0 < ms < YEAR_2001_MS:
            what = f"is {ms}, the {day_of(ms)}: seconds, not milliseconds?"
            yield Mistake(f"{where}.{name}", "error", what, "Unix time in milliseconds", str(ms * 1000))
    if start_ms is not None and end_ms is not None and end_ms <= start_ms:
        yield Mistake(
            f"{where}.end", "error", f"is {day_of(end_ms)}, not after the start, {day_of(start_ms)}"
        )


def day_of(ms: int) -> str:
    """A time in words."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
