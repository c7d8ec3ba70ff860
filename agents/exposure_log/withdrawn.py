"""Until when each user's exposures may not be used for a purpose: erasures, objections and withdrawals that
came after them."""

from __future__ import annotations

from typing import Final

from xxhash import xxh3_64_intdigest

from models.event.layout import Purpose
from streams import records as r
from streams.broker.follow import Follower
from streams.mapping.statements import stated_purposes
from streams.settings import Settings
from streams.topics import CONSENT, PRIVACY_REQUEST, WITHDRAWAL, TopicSpec
from streams.wire.codecs import Headers

WITHDRAWAL_TOPICS: Final = (CONSENT, PRIVACY_REQUEST, WITHDRAWAL)
"""The last is what the lanes heard: also in events, and what a newer statement has replaced on the first. The
others are there before a lane has read them."""
MEASURE: Final = "measure"
TRAIN: Final = "train"
_KEEPING: Final = frozenset({"access"})
"""Privacy requests that take nothing back."""


class Withdrawn:
    """What a Follower of WITHDRAWAL_TOPICS hears of one purpose; users by hash, only those who ever said no.

    Who agrees again agrees to what comes: what was taken back stays so. `vendor`: see models.event.tc_grants.
    """

    def __init__(self, purpose: str, vendor: int = 0) -> None:
        self._name, self._purpose, self._vendor = purpose, Purpose[purpose.upper()], vendor
        self._until: dict[int, int] = {}

    def on_record(
        self, spec: TopicSpec, key: str, record: r.Record | None, _headers: Headers, append_ts: int
    ) -> None:
        """A denial counts from the time it states, but no later than it arrived; an erasure from the time it
        arrived."""
        if isinstance(record, r.Consent):
            stated = stated_purposes(record, self._vendor)
            if stated is not None and not stated & self._purpose:
                self._refuse(key, min(record.ts, append_ts))
        elif isinstance(record, r.Withdrawal):
            if self._name in record.purposes:
                self._refuse(key, record.ts)
        elif record is None or (isinstance(record, r.PrivacyRequest) and record.type not in _KEEPING):
            self._refuse(key, append_ts)

    def allows(self, user: str, ts: int) -> bool:
        """Whether what a user did at `ts` (Unix ms) may still be used for the purpose."""
        return ts > self._until.get(xxh3_64_intdigest(user.encode()), -1)

    def _refuse(self, user: str, ts: int) -> None:
        hashed = xxh3_64_intdigest(user.encode())
        self._until[hashed] = max(ts, self._until.get(hashed, 0))


async def read_withdrawn(settings: Settings, purpose: str) -> Withdrawn:
    """As the broker has it now. Raises RefusedError without broker or topics."""
    found = Withdrawn(purpose, settings.tcf_vendor)
    follower = Follower(settings, WITHDRAWAL_TOPICS, found.on_record)
    await follower.start()
    await follower.stop()
    return found
