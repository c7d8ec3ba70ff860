"""Which caps can be counted exactly for each user, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from models.campaigns import LOOK_BACK_S, Cap

CAP_SCOPES: Final = ("campaign", "creative")
"""What a cap may count."""
CAP_TIMES: Final = 64
"""Impressions of a user whose time is kept for caps: those in rolling time can be no larger."""


def cap_faults(caps: Sequence[Cap]) -> Iterator[tuple[str, str]]:
    """(field, what is wrong with it and what is allowed) of a campaign's caps that cannot be held to."""
    for at, cap in enumerate(caps):
        yield from ((f"cap[{at}].{field}", fault) for field, fault in _meaningless(cap))
        if cap.per_s is not None and cap.per_s > LOOK_BACK_S:
            yield (
                f"cap[{at}].per_s",
                f"is {cap.per_s}; at most {LOOK_BACK_S} (90 days): longer nothing is kept of a user who does "
                "nothing. Leave it out for a cap for life",
            )
    rolling = [(cap.n, at) for at, cap in enumerate(caps) if cap.per_s is not None]
    largest = [
        max(mine)
        for scope in CAP_SCOPES
        if (
            mine := [each for each in rolling if (caps[each[1]].scope == "creative") == (scope == "creative")]
        )
    ]
    if sum(n for n, _ in largest) > CAP_TIMES:
        n, at = max(largest)
        others = sum(each for each, _ in largest) - n
        beside = f" beside {others} of the other scope" if others else ""
        yield (
            f"cap[{at}].n",
            f"is {n}{beside}; at most {CAP_TIMES} impressions of a campaign can be counted in rolling time. "
            "Ask for fewer in a shorter time, or for life (no per_s)",
        )


def _meaningless(cap: Cap) -> Iterator[tuple[str, str]]:
    if cap.scope not in CAP_SCOPES:
        yield "scope", f'is "{cap.scope}"; allowed: {", ".join(CAP_SCOPES)}'
    if cap.n == 0:
        yield "n", "is 0: nothing is ever shown; allowed: 1 or more; to stop, pause the campaign"
    if cap.per_s == 0:
        yield "per_s", "is 0 seconds; allowed: 1 or more; without it the cap is for life"
