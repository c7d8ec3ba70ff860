"""How Faust's consumer fetches: without a sleep, without tasks where nothing is waited for, and so that it is
known under which assignment and seek a fetch began."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from faust.types import TP
from mode.services import WaitResults

from streams.worker.consumer.source_consumer import SourceConsumer
from streams.worker.consumer.without_task import begun

FULL_WAIT_S: Final = 0.005
PARTIAL_WAIT_S: Final = 0.02
"""While a partition is full: a fetch waits for the partitions that were active when it began."""
_LONGEST_WAIT_S: Final = 0.25
"""A seek waits until the fetch in flight is over."""


class FetchingConsumer(SourceConsumer):
    """Fetches for BatchConsumer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seeks = 0
        self._begun_under = (0, 0)  # generation and number of seeks when the newest fetch began
        self._no_fetch = asyncio.Event()
        self._no_fetch.set()

    def _under(self) -> tuple[int, int]:
        return self.app.consumer_generation_id, self._seeks

    async def _wait_next_records(self, timeout: float) -> tuple[Any, Any]:
        """Like Faust's, without its sleep of 1 s when every partition is full."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        self.not_waiting_next_records.set()
        # A copy: Faust hands out the set it changes, so that a fetch in flight returned records of sources
        # that were resumed
        # meanwhile; they were dropped while the flow was stopped, after the seek that should have brought
        # them back
        active = set(self._get_active_partitions())
        if not active:
            await asyncio.sleep(FULL_WAIT_S)
            return {}, active
        wait_s = PARTIAL_WAIT_S if self._buffered_partitions else min(timeout, _LONGEST_WAIT_S)
        self._begun_under = self._under()
        self._no_fetch.clear()
        try:
            return await self._getmany(active_partitions=active, timeout=wait_s), active
        finally:
            self._no_fetch.set()

    async def wait_first(self, *coros: Any, timeout: Any = None) -> WaitResults:
        """Faust delivers each message in a race against the end of the flow, with four tasks. What goes
        through at once needs none."""
        if len(coros) != 2 or not all(map(asyncio.iscoroutine, coros)):
            return await super().wait_first(*coros, timeout=timeout)
        delivery, end = coros
        rest = None
        try:
            rest = begun(delivery)
        finally:
            if rest is None:
                end.close()
        return (
            WaitResults([], [], self.should_stop)
            if rest is None
            else await super().wait_first(rest, end, timeout=timeout)
        )

    def on_buffer_drop(self, tp: Any) -> None:
        """aiokafka's partitions equal Faust's, but Faust insists on its own type."""
        super().on_buffer_drop(TP(tp.topic, tp.partition))
