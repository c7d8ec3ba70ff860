"""The training log (JSON lines): what was published, how likely that was, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from models.brief.brief import Brief, Copy


class LogError(ValueError):
    """A training log that cannot be read: says which line and why."""


class LoggedOutcome(msgspec.Struct, kw_only=True):
    """What came of a creative until it expired: a second row of the same creative."""

    creative_id: str
    shown: bool = False
    clicked: bool = False
    converted: bool = False


class LoggedCopy(LoggedOutcome, kw_only=True):
    """One creative as it was published: brief, copy, arm and the chance with which the arm was chosen; then
    its outcome."""

    brief: Brief
    copy: Copy
    arm: str
    propensity: float


def read_log(lines: Iterable[bytes | str], name: str) -> list[LoggedCopy]:
    """The creatives of a log that were shown, in the order of their publication, joined with the outcome rows
    that follow.

    Raises LogError for a line that is no row, a propensity outside (0, 1] and an outcome of a creative the
    log does not hold.
    """
    rows: dict[str, LoggedCopy] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            outcome = msgspec.json.decode(line, type=LoggedOutcome)
            published = "copy" in msgspec.json.decode(line)
            row = msgspec.json.decode(line, type=LoggedCopy) if published else None
        except ValueError as error:  # not JSON, not such a row, not UTF-8
            raise LogError(
                f"{name}, line {number}: {error}; each line is one of `shiftcast training-log`"
            ) from error
        if row is not None:
            if not 0 < row.propensity <= 1:
                raise LogError(f"{name}, line {number}: propensity {row.propensity} is no chance in (0, 1]")
            rows[row.creative_id] = row
        elif outcome.creative_id not in rows:
            raise LogError(
                f"{name}, line {number}: an outcome of {outcome.creative_id}, whose publication is not in "
                "this log"
            )
        else:
            known = rows[outcome.creative_id]
            known.shown |= outcome.shown
            known.clicked |= outcome.clicked
            known.converted |= outcome.converted
    return [row for row in rows.values() if row.shown or row.clicked]
