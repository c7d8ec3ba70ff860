"""Who may ask, and how often: tokens compared in constant time, a bucket of requests for each."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Final

BURST_S: Final = 1.0
"""A client that was quiet may ask for so many seconds' requests at once."""
UNAUTHORISED: Final = 401
TOO_MANY: Final = 429


class Admission:
    """Of one process; times are monotonic seconds."""

    def __init__(self, tokens: Sequence[str], most_per_s: float) -> None:
        self._tokens = [token.encode() for token in tokens]
        self._most_per_s = most_per_s
        self._left = [most_per_s * BURST_S for _ in tokens]
        self._at_s = [0.0 for _ in tokens]

    def refusal(self, authorization: str, now_s: float) -> int:
        """HTTP status that a request with this Authorization header is refused with; 0 = it may ask."""
        scheme, _, given = authorization.partition(" ")
        token = given.strip().encode(errors="surrogateescape")
        # every token is compared: the time says neither which nor how much of it is right
        found = [n for n, each in enumerate(self._tokens) if hmac.compare_digest(each, token)]
        if scheme.lower() != "bearer" or not found:
            return UNAUTHORISED
        client = found[0]
        left = self._left[client] + (now_s - self._at_s[client]) * self._most_per_s
        left = min(self._most_per_s * BURST_S, left)
        self._at_s[client] = now_s
        self._left[client] = left - 1 if left >= 1 else left
        return 0 if left >= 1 else TOO_MANY
