"""Links that one pseudonym states and the other does not: they count for nobody. Who they are is told by the
command alone, for a link is between the two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agents.checks.finding import CheckFinding
from agents.linking.waiting import Statement, waiting_of
from streams.topics import HOUR_MS

PATIENCE_MS: Final = HOUR_MS
"""So long the other half of a link may be on its way."""


def link_findings(statements: Mapping[str, Statement], now_ms: int) -> list[CheckFinding]:
    """A warning with the number of those that wait for long; nothing where nobody states a link."""
    if not statements:
        return []
    overdue = [said for said in waiting_of(statements).values() if said.stated_ms < now_ms - PATIENCE_MS]
    if not overdue:
        return [CheckFinding("ok", "links", f"{len(statements)} stated, none waits for its other half")]
    hours = (now_ms - overdue[0].stated_ms) // HOUR_MS
    text = (
        f"{len(overdue)} of {len(statements)} stated by one pseudonym alone, the oldest for {hours} h: they "
        "count for nobody"
    )
    repair = (
        "`shiftcast link --waiting` lists them; `shiftcast link PARTNER USER` states the other half, "
        "`shiftcast link USER --withdraw` takes one back"
    )
    return [CheckFinding("warning", "links", text, repair)]
