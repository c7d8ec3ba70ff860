"""From a batch of ads.creative.request.v1 to jobs: what is broken goes to the dead letters, what ended before
is skipped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from agents.creatives.query import decode_vector
from agents.generation.answered import Answered
from models.choice.headlines import unpacked_hashes
from streams import records as r
from streams import topics
from streams.wire.codecs import WireLimits, decode
from streams.wire.dead_letters import dead_letter
from streams.wire.output import Output
from streams.wire.partition import partition
from streams.wire.refusals import Reason, Rejected

UNBOUNDED: Final = 1 << 60
ANY_TIME: Final = WireLimits(max_event_age_ms=UNBOUNDED, max_ahead_ms=UNBOUNDED)
"""A request has a deadline instead of an age: an old one gets its template."""


class Pending:
    """Acknowledges a batch when all its records are dealt with, whatever their order."""

    def __init__(self, records: int, acknowledge: Callable[[], None]) -> None:
        self._left = records
        self._acknowledge = acknowledge

    def done(self) -> None:
        """One record is dealt with."""
        self._left -= 1
        if self._left == 0:
            self._acknowledge()


def request_of(record: Any, lane: int, partitions: int) -> r.CreativeRequest:
    """The request of one consumed record. Raises Rejected."""
    decoded = decode(topics.REQUEST, record.value, record.key, record.headers, record.timestamp, ANY_TIME)
    assert isinstance(decoded, r.CreativeRequest)
    if partition(record.key, partitions) != lane:
        raise Rejected(
            Reason.WRONG_PARTITION,
            "validate",
            f"the user belongs elsewhere than partition {lane}: partition by murmur2",
        )
    try:
        decode_vector(decoded.vector)
        unpacked_hashes(decoded.headlines)
    except ValueError as error:
        raise Rejected(Reason.WRONG_TYPE, "validate", str(error)) from None
    return decoded


def letter_of(record: Any, error: Rejected, app_id: str) -> Output:
    """The dead letter of a refused request."""
    return dead_letter(record, app_id, error.stage, error.reason, error.message)


@dataclass(frozen=True)
class IntakePlace:
    """Where requests are taken: how many partitions there are, the app's id, whether a lane is held now."""

    partitions: int
    app_id: str
    holds: Callable[[int], bool]


class RequestIntake:
    """Sorts the records of one batch."""

    def __init__(
        self,
        answered: Answered,
        place: IntakePlace,
        submit: Callable[[r.CreativeRequest, int, Callable[[], None]], Awaitable[None]],
        end: Callable[[r.CreativeRequest, int], Awaitable[None]],
        send: Callable[[list[Output]], Awaitable[None]],
    ) -> None:
        self._answered = answered
        self._place = place
        self._submit = submit  # a new request
        self._end = end  # a request whose creatives are out already
        self._send = send

    async def take(self, record: Any, lane: int, done: Callable[[], None]) -> None:
        """Deal with one record; `done` is called when nothing of it can be lost any more."""
        try:
            request = request_of(record, lane, self._place.partitions)
        except Rejected as error:
            await self._send([letter_of(record, error, self._place.app_id)])
            done()
            return
        if request.cause_appended is not None:
            await self._answered.reach(request.cause_appended)
        if not self._place.holds(lane):
            return  # given up while the log was read: its next owner answers it
        if self._answered.has_ended(request.request_id):
            done()
        elif self._answered.published(request.request_id):
            await self._end(request, lane)
            self._answered.remember(request.request_id)
            done()
        else:
            await self._submit(request, lane, done)
