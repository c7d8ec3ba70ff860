# ruff: noqa: SLF001 - private API on purpose, see streams.worker.consumer.transport
"""The thread that fetches: from complete transactions unless told otherwise; it knows where it stands, which
topics these are, and where the broker no longer had what was asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Final

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.broker.batches.fetched import fetch_lean
from streams.broker.identity import ClusterIdentity, identify_through

FETCH_MAX_WAIT_MS: Final = 100
"""Faust asks for 1,500: an idle partition would hold back busy ones of the same broker."""


class Jumps:
    """Places (partition, offset asked for, offset where reading goes on) at which the broker had nothing any
    more. aiokafka goes on there with a line at INFO. Filled in the fetcher's thread, emptied in another."""

    def __init__(self) -> None:
        self._found: deque[tuple[TP, int, int]] = deque()
        self._out_of_range: dict[Any, int] = {}

    def watch(self, fetcher: Any) -> None:
        """From now on note the jumps of this fetcher."""
        fetch, update = fetcher._proc_fetch_request, fetcher._update_fetch_positions

        async def noted_fetch(assignment: Any, node_id: int, request: Any) -> bool:
            new: bool = await fetch(assignment, node_id, request)
            for topic, partitions in request.topics:
                for number, offset, _bytes in partitions:
                    tp = TP(topic, number)
                    state = assignment.state_value(tp)
                    if state is not None and state.awaiting_reset:
                        self._out_of_range[tp] = offset
                    else:
                        self._out_of_range.pop(tp, None)
            return new

        async def noted_update(assignment: Any, node_id: int, tps: Sequence[Any]) -> bool:
            done: bool = await update(assignment, node_id, tps)
            for tp in tps:
                state = assignment.state_value(tp)
                if tp in self._out_of_range and state is not None and state.has_valid_position:
                    self._found.append((TP(*tp), self._out_of_range.pop(tp), state.position))
            return done

        fetcher._proc_fetch_request, fetcher._update_fetch_positions = noted_fetch, noted_update

    def forget(self) -> None:
        """A seek follows."""
        self._found.clear()

    def taken(self) -> Iterable[tuple[TP, int, int]]:
        """What was noted since the last call."""
        while self._found:
            yield self._found.popleft()


class SourceReader(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread with these abilities."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.jumps = Jumps()

    def _create_worker_consumer(self, transport: Any) -> Any:
        fetch_lean()
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_MAX_WAIT_MS
        consumer._isolation_level = self.consumer.app.settings.isolation
        return consumer

    async def on_start(self) -> None:
        await super().on_start()
        self.jumps.watch(self._ensure_consumer()._fetcher)

    def place(self, tp: TP) -> tuple[int | None, int | None]:
        """What is fetched next of a partition, and where what may be read ends. None = not known (yet)."""
        subscription = self._ensure_consumer()._subscription.subscription
        assignment = None if subscription is None else subscription.assignment
        state = None if assignment is None else assignment.state_value(tp)
        if state is None:
            return None, None
        committed_only = self.consumer.app.settings.isolation == "read_committed"
        return (
            state.position if state.has_valid_position else None,
            state.lso if committed_only else state.highwater,
        )

    async def identify(self, topics: Sequence[str]) -> ClusterIdentity:
        """Who cluster and topics are now, through this consumer's connection. Raises KafkaError."""
        found: ClusterIdentity = await self.call_thread(
            identify_through, self._ensure_consumer()._client, topics
        )
        return found
