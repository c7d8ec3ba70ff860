"""What was answered before: read back at assignment, so that a killed worker's requests end once.

A request that has its record on ads.generation.v1 is skipped. One whose creatives are out but whose record is
missing is ended with them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

from streams import records as r
from streams import topics
from streams.broker.follow import read_one, read_topics
from streams.settings import Settings
from streams.wire.codecs import WireLimits, decode
from streams.wire.ids import number_of
from streams.wire.refusals import Rejected

LOOKBACK_MS: Final = 120_000
"""Read from this long before the first open request: a profile worker that replays sends requests again which
ended a while ago."""
_REMEMBERED: Final = 200_000
"""Request ids kept per worker (64 bits each); a duplicate of an older one is answered again, with the same
ids."""


class Answered:
    """Ids of requests that ended, and creatives of requests that did not."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._ended: OrderedDict[int, None] = OrderedDict()
        self._published: dict[str, list[r.Creative]] = {}

    async def load(self, settings: Settings, first: Mapping[int, int], now_ms: int) -> None:
        """Read results and creatives of the partitions in `first` (partition -> offset of its first open
        request).

        Since a while before the oldest of these requests was appended. Raises RefusedError, KafkaError.
        """
        since_ms = now_ms
        for lane, offset in first.items():
            oldest = await read_one(settings, topics.REQUEST.name, lane, offset)
            since_ms = min(since_ms, oldest.timestamp if oldest is not None else now_ms)
        limits = WireLimits(max_event_age_ms=1 << 60, max_ahead_ms=1 << 60)
        for spec in (topics.GENERATION, topics.CREATIVE):
            async for raw in read_topics(
                settings, [spec.name], partitions=list(first), since_ms=max(0, since_ms - LOOKBACK_MS)
            ):
                if raw.value is None:
                    continue
                try:
                    self.take(decode(spec, raw.value, raw.key, raw.headers, raw.timestamp, limits))
                except Rejected:
                    continue  # of another program: it says nothing about our requests

    def take(self, record: r.Record | None) -> None:
        """Note a result, or a creative that answers a request which has not ended."""
        if isinstance(record, r.GenerationResult):
            self.remember(record.request_id)
        elif isinstance(record, r.Creative) and record.request_id and not self.has_ended(record.request_id):
            self._published.setdefault(record.request_id, []).append(record)

    def remember(self, request_id: str) -> None:
        """The request has ended."""
        self._ended[number_of(request_id)] = None
        self._published.pop(request_id, None)
        if len(self._ended) > self._remembered:
            self._ended.popitem(last=False)

    def has_ended(self, request_id: str) -> bool:
        """Whether the request has a record on ads.generation.v1, as far as remembered."""
        return number_of(request_id) in self._ended

    def published(self, request_id: str) -> Sequence[r.Creative]:
        """Creatives that are out for a request which has not ended, each id once."""
        return list({each.creative_id: each for each in self._published.get(request_id, ())}.values())
