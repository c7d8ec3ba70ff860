"""What waits for a lane. Batches of a topic grow together while they wait, so that a lane that fell behind
catches up in few steps."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from streams.wire.record_columns import joined
from streams.wire.view import RecordBatch

FULL_BATCHES: Final = 4
"""Full batches per topic that may wait before the consumer stops fetching that partition. Counted in records:
a fetch that meets a stopped partition holds back all others of its broker, so a few small batches must not
stop one."""


@dataclass(slots=True)
class WaitingBatch:
    """Records of one topic and the Faust events that brought them."""

    batch: RecordBatch
    events: list[Any]


class Inbox:
    """Batches of one lane in order of arrival, those put `first` before all others."""

    def __init__(
        self, batch_records: int, pause: Callable[[Any], None], resume: Callable[[Any], None]
    ) -> None:
        self._batch_records = batch_records
        self._pause, self._resume = pause, resume
        self._first: defaultdict[str, deque[WaitingBatch]] = defaultdict(deque)  # by topic
        self._others: deque[WaitingBatch] = deque()
        self._records: Counter[str] = Counter()
        self._paused: set[str] = set()

    def __len__(self) -> int:
        return sum(map(len, self._first.values())) + len(self._others)

    def put(self, event: Any, first: bool) -> None:
        """A batch has arrived; it joins one of its topic that waits already, up to the size of a batch."""
        batch: RecordBatch = event.value
        queue = self._first[batch.topic] if first else self._others
        last = next((each for each in reversed(queue) if each.batch.topic == batch.topic), None)
        if last is not None and len(last.batch.records) + len(batch.records) <= self._batch_records:
            last.batch = RecordBatch(batch.topic, batch.partition, joined(last.batch.records, batch.records))
            last.events.append(event)
        else:
            queue.append(WaitingBatch(batch, [event]))
        self._records[batch.topic] += len(batch.records)
        if (
            self._records[batch.topic] >= FULL_BATCHES * self._batch_records
            and batch.topic not in self._paused
        ):
            self._paused.add(batch.topic)
            self._pause(event.message.tp)

    def next(self, only: str | None) -> WaitingBatch | None:
        """What `take` would give."""
        queue = self._queue(only)
        return queue[0] if queue else None

    def take(self, only: str | None) -> WaitingBatch | None:
        """Remove what comes next, of the one topic that may be taken or (None) of any; None while there is
        nothing."""
        queue = self._queue(only)
        if not queue:
            return None
        waiting = queue.popleft()
        topic = waiting.batch.topic
        self._records[topic] -= len(waiting.batch.records)
        if topic in self._paused and self._records[topic] <= FULL_BATCHES * self._batch_records // 2:
            self._paused.discard(topic)
            self._resume(waiting.events[0].message.tp)
        return waiting

    def _queue(self, only: str | None) -> deque[WaitingBatch]:
        if only is not None:
            return self._first[only]
        return next((queue for queue in self._first.values() if queue), self._others)

    def waits(self, topic: str) -> bool:
        """Whether records of a topic are here."""
        return self._records[topic] > 0

    def is_behind(self, only: str | None) -> bool:
        """Whether a full batch or more is here of the one topic that may be taken, or (None) of some."""
        most = max(self._records.values(), default=0) if only is None else self._records[only]
        return most >= self._batch_records

    def events(self) -> Iterator[Any]:
        """Everything that was not taken."""
        for waiting in chain(*self._first.values(), self._others):
            yield from waiting.events
