"""What a worker with lanes watches by the clock: lag, liveness, its changelog's end, its stores."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from aiokafka.errors import KafkaError
from faust.types import TP

from streams.lane.lane import Lane
from streams.metrics.lanes import DEAD_LETTER_SHARE, DEAD_LETTERS, LAG, LOOP_LAG_MS, RECORDS
from streams.metrics.totals import total
from streams.rows.rows_on_disk import StoreError
from streams.tasks.cancelled import cancelled
from streams.unix_time import unix_ms
from streams.wire.dead_letters import DeadLetterRate
from streams.worker.health import Liveness

if TYPE_CHECKING:
    from streams.worker.app import BatchApp

_WATCH_S: Final = 1.0
ENDS_WATCH_S: Final = 5.0


class Watching:
    """Three endless looks at the lanes that are owned; `lanes` gives them as they are now."""

    def __init__(self, app: BatchApp, table: Any, lanes: Callable[[], Mapping[int, Lane]]) -> None:
        self.liveness = Liveness()
        self._app, self._table, self._lanes = app, table, lanes
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Start looking, unless that was begun before."""
        if self._tasks:
            return
        looks = (self._watch_over, self._watch_ends, self._keep_stores)
        self._tasks = [asyncio.ensure_future(look()) for look in looks]

    async def stop(self) -> None:
        """Stop looking."""
        for task in self._tasks:
            await cancelled(task)

    async def _watch_ends(self) -> None:
        """Where the lanes' changelogs end: a lane with nothing to write would not see what another writer
        appends. And where their sources do: a lane must know when nothing waits there."""
        changelog = self._table.changelog_topic_name
        while True:
            await asyncio.sleep(ENDS_WATCH_S)
            topics = [changelog, *self._app.sources]
            if not (places := [TP(topic, number) for number in self._lanes() for topic in topics]):
                continue
            with contextlib.suppress(KafkaError):  # the broker is away: it is asked again
                at_ms = unix_ms()
                for tp, end in (await self._app.consumer.highwaters(*places)).items():
                    if (lane := self._lanes().get(tp.partition)) is None:
                        continue
                    if tp.topic == changelog:
                        lane.changelog_ends_at(int(end or 0))
                    elif self._app.consumer.passed(tp, self._done(lane, tp)) >= int(end or 0):
                        lane.heard(tp.topic, at_ms)

    async def _keep_stores(self) -> None:
        """Memory to files, removed rows out of them: an owner's and a standby's."""
        while True:
            with contextlib.suppress(StoreError):  # a lane that meets it ends the process
                await self._table.data.upkeep.turn(time.monotonic())
            await asyncio.sleep(_WATCH_S)

    async def _watch_over(self) -> None:
        """Lag, loop lag, liveness."""
        applied, rate, alarmed = 0, DeadLetterRate(), False
        while True:
            before = time.monotonic()
            await asyncio.sleep(_WATCH_S)
            LOOP_LAG_MS.observe(max(0.0, (time.monotonic() - before - _WATCH_S) * 1000))
            with contextlib.suppress(Exception):
                lag, applied = self._lag()
                self.liveness.observe(time.monotonic(), lag, applied)
            now_ms = int(time.monotonic() * 1000)
            DEAD_LETTER_SHARE.set(rate.observe(now_ms, total(RECORDS), total(DEAD_LETTERS)))
            if rate.alarm(now_ms) and not alarmed:
                self._app.log.error(
                    "%.0f %% of the records are refused: `shiftcast dead-letters list` says why",
                    rate.share(now_ms) * 100,
                )
            alarmed = rate.alarm(now_ms)

    def _lag(self) -> tuple[int, int]:
        total, applied = 0, 0
        for lane in list(self._lanes().values()):
            for topic in self._app.sources:
                tp = TP(topic, lane.number)
                done = self._done(lane, tp)
                behind = self._app.consumer.behind(tp, done)
                LAG.labels(topic, lane.number).set(behind)
                total, applied = total + behind, applied + done
        return total, applied

    def _done(self, lane: Lane, tp: TP) -> int:
        """The offset of a source before which all is applied."""
        committed, slot = self._app.consumer.committed(tp) or 0, self._app.sources[tp.topic]
        return committed if slot is None else max(int(lane.memory.fence["fence"][slot]) + 1, committed)
