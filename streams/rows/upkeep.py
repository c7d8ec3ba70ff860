"""What the stores of a worker need from time to time, done in a thread: memory goes to files, removed rows
leave them.

RocksDB only hides a removed row until the files that hold it are rewritten. Those files are themselves the
queue of what has to go, and no key stands anywhere else; a mark in the store, written with the removal, says
that something waits (LaneStore.removed). Both outlive the process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, Final

from streams.rows.rows_on_disk import LaneStore, StoreError, close_rows

PERSIST_S: Final = 3_600.0
"""So often at least memory goes to files, also in a lane with little to write: how far back a crash may set
the rows."""
RESTS: Final = 20
"""After a round it rests for 20 times as long as that took: one core gives it a twentieth of its time."""
LEAST_REST_S: Final = 20.0
MOST_REST_S: Final = 240.0
"""A row that is removed just after a round began has left the files when the next one is over."""


class Upkeep:
    """Works on one store at a time. `dbs`: the open stores by partition, which may come and go."""

    def __init__(self, dbs: MutableMapping[int, Any]) -> None:
        self._dbs = dbs
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="upkeep")
        self._at_work: tuple[int, Future[None]] | None = None
        self._persisted_s = time.monotonic()
        self._rested_s = 0.0  # when the next round may begin

    async def turn(self, now_s: float) -> None:
        """Do what is due at `now_s` (monotonic). Call it again and again. Raises StoreError."""
        if now_s - self._persisted_s >= PERSIST_S:
            self._persisted_s = now_s
            for partition in list(self._dbs):
                await self._work(partition, LaneStore.persist)
        waiting = [partition for partition, db in self._dbs.items() if LaneStore(db).removed()]
        if not waiting or now_s < self._rested_s:
            return
        began_s = time.monotonic()
        try:
            for partition in waiting:
                await self._rewrite(partition)
        finally:
            took_s = time.monotonic() - began_s
            self._rested_s = now_s + took_s + min(max(RESTS * took_s, LEAST_REST_S), MOST_REST_S)

    def close(self, partition: int) -> None:
        """Close a store, whatever works on it now: that is given up and done by whoever opens it next."""
        db = self._dbs.pop(partition)
        if self._at_work is None or self._at_work[0] != partition:
            close_rows(db)
            return
        db.flush()
        db.cancel_all_background(True)
        wait([self._at_work[1]])
        with suppress(Exception):  # it closes, and says that work was given up
            db.close()

    async def _rewrite(self, partition: int) -> None:
        """Removed rows leave the files; the mark goes only if nothing was removed meanwhile."""
        store = self._store(partition)
        mark = b"" if store is None else store.removed()
        if not mark:
            return
        await self._work(partition, LaneStore.rewrite)
        if (store := self._store(partition)) is not None and store.removed() == mark:
            store.forget_removed()
            await self._work(partition, LaneStore.persist)

    async def _work(self, partition: int, work: Callable[[LaneStore], None]) -> None:
        """Run `work` on a store in the thread; one that is closed by then is skipped. Raises StoreError."""
        if (store := self._store(partition)) is None:
            return
        future = self._thread.submit(work, store)
        self._at_work = partition, future
        try:
            await asyncio.wrap_future(future)
        except StoreError:
            if self._store(partition) is not None:
                raise
        finally:
            if future.done():
                self._at_work = None

    def _store(self, partition: int) -> LaneStore | None:
        db = self._dbs.get(partition)
        return None if db is None else LaneStore(db)
