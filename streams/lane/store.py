"""The rows of all lanes of a worker as Faust's table: restored batch-wise and merged by fence."""

from __future__ import annotations

import logging
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from faust.stores import rocksdb

from models.row import HEADER
from streams.lane.rows_on_disk import OFFSET_KEY, LaneStore, close_rows, open_rows
from streams.lane.upkeep import Upkeep
from streams.loud_end import end_now, line_of
from streams.metrics import RESTORED_ROWS
from streams.topics import DAY_MS
from streams.wire.output import ChangelogRow

log = logging.getLogger(__name__)

RANKS_KEPT: Final = 100_000
"""Per partition while it is restored: about 20 MB."""
TOO_OLD_MS: Final = DAY_MS // 2
"""Rows that stand further back in their changelog are restored from its beginning: it keeps the record that
removes a row for a day (streams.topics.CHANGELOG_CONFIG), and a removed row must not come back to life."""
NO_ROW: Final = -(1 << 62)
"""Rank below every row."""
EPOCH_SHIFT: Final = 44
"""A rank is sum of epochs << 44 + sum of fences; higher = newer."""


def ranks(values: Sequence[bytes | None]) -> list[int]:
    """Rank per row. None ranks below every row."""
    present = [value[: HEADER.itemsize] for value in values if value is not None]
    headers = np.frombuffer(b"".join(present), HEADER)
    found = (
        (headers["epoch"].sum(axis=1, dtype=np.int64) << EPOCH_SHIFT) + headers["fence"].sum(axis=1)
    ).tolist()
    if len(present) == len(values):
        return list(found)
    known = iter(found)
    return [NO_ROW if value is None else next(known) for value in values]


class Ranks:
    """Ranks of rows in a store that were met while restoring it, so that a key that comes again is not read
    again."""

    def __init__(self, store: LaneStore) -> None:
        self.of: dict[bytes, int] = {}
        self._all = (
            store.offset() < 0
        )  # every row of the store is in `of`: what is not there need not be looked for

    def meet(self, keys: Iterable[bytes], store: LaneStore) -> None:
        """Know the ranks of these keys."""
        if len(self.of) > RANKS_KEPT:
            self.of.clear()
            self._all = False
        unseen = list({key for key in keys if key not in self.of})
        self.of.update(
            zip(unseen, [NO_ROW] * len(unseen) if self._all else ranks(store.get_many(unseen)), strict=True)
        )


def merged(rows: Sequence[ChangelogRow], store: LaneStore, met: Ranks) -> dict[bytes, bytes | None]:
    """What the rows of a changelog change: per key the highest fence wins, ties go to the later; None always
    removes.

    A worker that lost its lane may have appended older rows after the new owner's; its fences are lower.
    """
    met.meet([key for key, _ in rows], store)
    changes: dict[bytes, bytes | None] = {}
    known = met.of
    for (key, value), rank in zip(rows, ranks([value for _, value in rows]), strict=True):
        if rank >= known[key] or value is None:
            changes[key] = value
            known[key] = rank
    return changes


class BatchStore(rocksdb.Store):
    """Faust's RocksDB store, fed with RecordBatches during recovery and by standbys."""

    offset_key = OFFSET_KEY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._met: dict[int, Ranks] = {}  # partition -> while it is restored
        self.upkeep = Upkeep(self._dbs)

    def lane(self, partition: int) -> LaneStore:
        """The rows of one partition for its owner; it is open while the partition is assigned."""
        self._met.pop(partition, None)
        return self._opened(partition)

    def _opened(self, partition: int) -> LaneStore:
        return LaneStore(self._db_for_partition(partition))

    def apply_changelog_batch(self, batch: Iterable[Any], to_key: Any, to_value: Any) -> None:
        """Merge delivered changelog records. Faust would log an error and go on with a hole: here it ends the
        process."""
        try:
            by_partition = defaultdict(list)
            for event in batch:
                by_partition[event.message.partition].extend(event.message.value.records)
            for partition, records in by_partition.items():
                lane = self._opened(partition)
                if partition not in self._met:
                    self._met[partition] = Ranks(lane)
                changes = merged(
                    [(record.key, record.value) for record in records], lane, self._met[partition]
                )
                lane.write(changes.items(), max(lane.offset(), records[-1].offset), records[-1].timestamp)
                RESTORED_ROWS.inc(len(records))
        except Exception as error:
            end_now(
                f"cannot restore from {self.table.changelog_topic_name}: {line_of(error)}; remove the data "
                "folder and start again"
            )

    def _open_for_partition(self, partition: int) -> Any:
        path = self.partition_path(partition)
        path.parent.mkdir(parents=True, exist_ok=True)
        db = open_rows(path)
        if is_too_old(LaneStore(db), int(time.time() * 1000)):
            log.warning(
                "The rows in %s are older than what their changelog remembers of removed rows: all are "
                "restored",
                path,
            )
            close_rows(db)
            shutil.rmtree(path)
            db = open_rows(path)
        return db

    def revoke_partitions(self, table: Any, tps: set[Any]) -> None:
        """Close what is no longer ours, so that another worker may open it."""
        for tp in tps:
            self._met.pop(tp.partition, None)
            if tp.topic in table.changelog_topic.topics and tp.partition in self._dbs:
                self.upkeep.close(tp.partition)

    async def stop(self) -> None:
        """Close all."""
        for partition in list(self._dbs):
            self.upkeep.close(partition)


def is_too_old(store: LaneStore, now_ms: int) -> bool:
    """Whether the changelog may have forgotten records that remove rows of this store."""
    return store.offset() >= 0 and store.appended_ms() < now_ms - TOO_OLD_MS
