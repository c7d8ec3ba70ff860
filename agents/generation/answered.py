"""What was answered before: read back from the log, so that a request ends once.

A request that has its record on ads.generation.v1 is skipped. One whose creatives are out but whose record is
missing is ended with them.

What is read at assignment begins before the first request that the group will read. A lane that replays sends
a request again, perhaps long after its first answer: nothing answered it before its cause was appended, so
the reading goes back to there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from agents.creatives.just_said import JustSaid
from agents.generation.ended import EndedRequests
from streams import records as r
from streams import topics
from streams.broker.ask_again import ask_again
from streams.broker.read_once import read_firsts, read_topics
from streams.settings import Settings
from streams.topics import TopicSpec
from streams.wire.codecs import WireLimits, decode
from streams.wire.refusals import Rejected

MARGIN_MS: Final = 120_000
"""Read from this long before the first open request, so that a lane which is seconds behind needs no second
reading."""
_ANY_AGE: Final = WireLimits(max_event_age_ms=1 << 60, max_ahead_ms=1 << 60)


class Answered:
    """Ids of requests that ended, and creatives of requests that did not, of the partitions at hand."""

    def __init__(self, settings: Settings, just_said: JustSaid | None = None) -> None:
        self._settings = settings
        self._just_said = just_said or JustSaid(0)  # of whoever owned the partitions before, too
        self._lanes: list[int] = []
        self._since_ms = 0  # everything appended since then has been read
        self._read_ms = 0
        self._ended = EndedRequests()
        self._one_reading = asyncio.Lock()
        self._reading: EndedRequests | None = None  # what is being read: takes what ends meanwhile as well
        self._published: dict[str, list[r.Creative]] = {}

    async def load(self, committed: Mapping[int, int | None], now_ms: int) -> None:
        """Read results and creatives of the partitions in `committed`: partition -> the group's offset, None
        where it has none.

        The group reads on at its offset, or at the first record that is left where the offset is lost or
        older. Raises RefusedError, KafkaError.
        """
        self._lanes = list(committed)
        if not committed:
            return
        offsets = {lane: offset or 0 for lane, offset in committed.items()}
        firsts = await ask_again(partial(read_firsts, self._settings, topics.REQUEST.name, offsets))
        opened_ms = min([now_ms, *(first.timestamp for first in firsts.values())])
        self._read_ms = now_ms
        await ask_again(partial(self._read_since, max(0, opened_ms - MARGIN_MS)))

    async def reach(self, cause_ms: int) -> None:
        """Read back to when the cause of a request was appended, if that was not done.

        Twice as far as before at least, so that a lane which catches up costs few readings. Raises
        KafkaError.
        """
        if self._lanes and cause_ms < self._since_ms:
            since_ms = max(0, min(cause_ms, 2 * self._since_ms - self._read_ms))
            await ask_again(partial(self._read_since, since_ms))

    async def _read_since(self, since_ms: int) -> None:
        async with self._one_reading:
            self._reading = reading = EndedRequests()
            async for record in self._records(topics.GENERATION, since_ms):
                if isinstance(record, r.GenerationResult):
                    reading.add(record.request_id)
            self._ended, self._reading = reading, None
            self._published.clear()
            async for record in self._records(topics.CREATIVE, since_ms):
                self.take(record)
                if isinstance(record, r.Creative):
                    self._just_said.note([record])
            self._since_ms = since_ms

    async def _records(self, spec: TopicSpec, since_ms: int) -> AsyncIterator[r.Record | None]:
        """What a topic holds of the partitions at hand; of another program's records nothing."""
        async for raw in read_topics(self._settings, [spec.name], partitions=self._lanes, since_ms=since_ms):
            if raw.value is not None:
                try:
                    yield _decoded(spec, raw)
                except Rejected:
                    continue

    def take(self, record: r.Record | None) -> None:
        """Note a result, or a creative that answers a request which has not ended."""
        if isinstance(record, r.GenerationResult):
            self.remember(record.request_id)
        elif isinstance(record, r.Creative) and record.request_id and not self.has_ended(record.request_id):
            self._published.setdefault(record.request_id, []).append(record)

    def remember(self, request_id: str) -> None:
        """The request has ended."""
        self._ended.add(request_id)
        if self._reading is not None:
            self._reading.add(request_id)
        self._published.pop(request_id, None)

    def has_ended(self, request_id: str) -> bool:
        """Whether the request has a record on ads.generation.v1, as far as was read."""
        return request_id in self._ended

    def published(self, request_id: str) -> Sequence[r.Creative]:
        """Creatives that are out for a request which has not ended, each id once."""
        return list({each.creative_id: each for each in self._published.get(request_id, ())}.values())


def _decoded(spec: TopicSpec, raw: Any) -> r.Record | None:
    return decode(spec, raw.value, raw.key, raw.headers, raw.timestamp, _ANY_AGE)
