"""Who may ask, and how often: tokens compared in constant time, a bucket of requests for each."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Final

from streams.rates import Rates

UNAUTHORISED: Final = 401
TOO_MANY: Final = 429


class Admission:
    """Of one process; times are monotonic seconds."""

    def __init__(self, tokens: Sequence[str], most_per_s: float) -> None:
        self._tokens = [token.encode() for token in tokens]
        self._rates = Rates(most_per_s, most_clients=len(tokens))

    def refusal(self, authorization: str, now_s: float) -> int:
        """HTTP status that a request with this Authorization header is refused with; 0 = it may ask."""
        scheme, _, given = authorization.partition(" ")
        token = given.strip().encode(errors="surrogateescape")
        # every token is compared: the time says neither which nor how much of it is right
        found = [n for n, each in enumerate(self._tokens) if hmac.compare_digest(each, token)]
        if scheme.lower() != "bearer" or not found:
            return UNAUTHORISED
        return 0 if self._rates.take(found[0], now_s) else TOO_MANY
