"""The rows of all lanes of a worker as Faust's table: restored batch-wise and merged by owner."""

from __future__ import annotations

import logging
import shutil
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from faust.stores import rocksdb

from streams.loud_end import end_now, line_of
from streams.metrics.lanes import RESTORED_ROWS
from streams.rows.merging import Merging
from streams.rows.rows_on_disk import OFFSET_KEY, LaneStore, close_rows, open_rows
from streams.rows.upkeep import Upkeep
from streams.topics import DAY_MS
from streams.unix_time import unix_ms

log = logging.getLogger(__name__)

LOCKED: Final = "lock"
"""In what RocksDB says when another process has a folder open."""
UNUSABLE: Final = (
    "cannot keep the rows in {path}: {why}. Make room on that disk and start again; what is missing there "
    "comes back from the changelog"
)
TOO_OLD_MS: Final = DAY_MS // 2
"""Rows that stand further back in their changelog are restored from its beginning: it keeps the record that
removes a row for a day (streams.topics.CHANGELOG_CONFIG), and a removed row must not come back to life."""


class BatchStore(rocksdb.Store):
    """Faust's RocksDB store, fed with RecordBatches during recovery and by standbys."""

    offset_key = OFFSET_KEY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._merging: dict[int, Merging] = {}  # partition -> while it is restored
        self.upkeep = Upkeep(self._dbs)

    def lane(self, partition: int) -> LaneStore:
        """The rows of one partition for its owner; it is open while the partition is assigned."""
        self._merging.pop(partition, None)
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
                if partition not in self._merging:
                    self._merging[partition] = Merging(lane)
                self._merging[partition].take(records)
                RESTORED_ROWS.inc(len(records))
        except Exception as error:
            end_now(
                f"cannot restore from {self.table.changelog_topic_name}: {line_of(error)}; remove the data "
                "folder and start again"
            )

    def _open_for_partition(self, partition: int) -> Any:
        path = self.partition_path(partition)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return self._opened_for_partition(path)
        except Exception as error:
            if LOCKED in str(error):  # by a worker that is about to end: Faust tries again
                raise
            end_now(UNUSABLE.format(path=path, why=line_of(error)))

    def _opened_for_partition(self, path: Path) -> Any:
        db = open_rows(path)
        if is_too_old(LaneStore(db), unix_ms()):
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
            self._merging.pop(tp.partition, None)
            if tp.topic in table.changelog_topic.topics and tp.partition in self._dbs:
                self._close(tp.partition)

    async def stop(self) -> None:
        """Close all."""
        for partition in list(self._dbs):
            self._close(partition)

    def _close(self, partition: int) -> None:
        try:
            self.upkeep.close(partition)
        except Exception as error:
            end_now(UNUSABLE.format(path=self.partition_path(partition), why=line_of(error)))


def is_too_old(store: LaneStore, now_ms: int) -> bool:
    """Whether the changelog may have forgotten records that remove rows of this store."""
    return store.offset() >= 0 and store.appended_ms() < now_ms - TOO_OLD_MS
