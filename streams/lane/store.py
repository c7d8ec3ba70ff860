"""The durable rows: one RocksDB per lane inside Faust's table, restored batch-wise and merged by fence."""

from __future__ import annotations

import logging
import shutil
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from faust.stores import rocksdb
from rocksdict import BlockBasedOptions, Cache, Options, Rdict, WriteBatch, WriteOptions

from models.row import HEADER
from streams.broker.producer import ChangelogRow
from streams.loud_end import end_now, line_of
from streams.metrics import RESTORED_ROWS
from streams.topics import DAY_MS

log = logging.getLogger(__name__)

BLOCK_CACHE_BYTES: Final = 32 * 1024 * 1024
WRITE_BUFFER_BYTES: Final = 16 * 1024 * 1024
RANKS_KEPT: Final = 100_000
"""Per partition while it is restored: about 20 MB."""
PERSONAL: Final = b"pxr"
"""Kinds of rows whose removal must leave the disk too: RocksDB keeps a removed row until the files that hold
it are rewritten."""
REMOVED_KEPT: Final = 4_096
OFFSET_KEY: Final = b"__faust\0offset__"
APPENDED_KEY: Final = b"__faust\0appended__"
"""When the changelog record at that offset was appended, Unix ms."""
META: Final = frozenset({OFFSET_KEY, APPENDED_KEY})
TOO_OLD_MS: Final = DAY_MS // 2
"""Rows that stand further back in their changelog are restored from its beginning: it keeps the record that
removes a row for a day (streams.topics.CHANGELOG_CONFIG), and a removed row must not come back to life."""
PERSIST_S: Final = 3_600.0
"""So often at least memory goes to files, also in a lane with little to write: how far back a crash may set
the rows."""
SETTLED: Final = {"ttl": str(DAY_MS // 4_000), "periodic_compaction_seconds": str(DAY_MS // 1_000)}
"""s. What a newer value hides leaves the files for good, whatever its kind: a file sinks a level after 6 h
and is rewritten after a day."""
NO_ROW: Final = -(1 << 62)
"""Rank below every row."""
EPOCH_SHIFT: Final = 44
"""A rank is sum of epochs << 44 + sum of fences; higher = newer."""


def without_wal() -> WriteOptions:
    """The changelog is the log: it holds every row before the store does. After a crash the store stands at
    an earlier flush, whole,

    with the changelog offset of that flush, and recovery brings it forward from there.
    """
    options = WriteOptions()
    options.disable_wal = True
    return options


WRITE: Final = without_wal()


class StoreError(OSError):
    """RocksDB failed; the worker must end."""


class LaneStore:
    """The rows of one lane on disk."""

    def __init__(self, db: Any, removed: deque[bytes] | None = None) -> None:
        self._db, self._removed = db, removed

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """Values by key. Raises StoreError."""
        if not keys:
            return []
        try:
            values: list[bytes | None] = self._db.get(keys)
        except Exception as error:
            raise StoreError(f"cannot read rows: {error}") from error
        return values

    def scan(self, prefix: bytes, after: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Pairs with this prefix and a key > after, by key. Raises StoreError."""
        try:
            for key, value in self._db.items(from_key=max(prefix, after)):
                if not key.startswith(prefix):
                    return
                if key > after and key not in META:
                    yield key, value
        except Exception as error:
            raise StoreError(f"cannot scan rows: {error}") from error

    def offset(self) -> int:
        """Last changelog offset that these rows contain, -1 none."""
        value = self._db.get(OFFSET_KEY)
        return -1 if value is None else int(value)

    def appended_ms(self) -> int:
        """When that record was appended, 0 unknown."""
        value = self._db.get(APPENDED_KEY)
        return 0 if value is None else int(value)

    def write(self, rows: Iterable[ChangelogRow], offset: int, appended_ms: int | None = None) -> None:
        """Rows (None = remove) and the changelog offset they bring the store to, all or nothing. Raises
        StoreError.

        appended_ms: when the record at that offset was appended; None = just now.
        """
        batch = WriteBatch(raw_mode=True)
        for key, value in rows:
            if value is None:
                batch.delete(key)
                if self._removed is not None and key[:1] in PERSONAL:
                    self._removed.append(key)
            else:
                batch.put(key, value)
        batch.put(OFFSET_KEY, str(offset).encode())
        batch.put(APPENDED_KEY, str(_now_ms() if appended_ms is None else appended_ms).encode())
        try:
            self._db.write(batch, WRITE)
        except Exception as error:
            raise StoreError(f"cannot write rows: {error}") from error

    def persist(self) -> None:
        """What is in memory only goes to files. Raises StoreError."""
        try:
            self._db.flush()
        except Exception as error:
            raise StoreError(f"cannot write rows: {error}") from error

    def compact(self, key: bytes) -> None:
        """Rewrite the files that may hold older values of a key. Raises StoreError."""
        self.persist()
        try:
            self._db.compact_range(key, key + b"\0")
        except Exception as error:
            raise StoreError(f"cannot compact rows: {error}") from error


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
        self._persisted_s = time.monotonic()
        self._removed: dict[int, deque[bytes]] = defaultdict(
            lambda: deque(maxlen=REMOVED_KEPT)
        )  # not yet out of the files

    def lane(self, partition: int) -> LaneStore:
        """The rows of one partition for its owner; it is open while the partition is assigned."""
        self._met.pop(partition, None)
        return self._opened(partition)

    def compact_removed(self) -> None:
        """Take one removed row out of the files, an owner's or a standby's. Bounded work: call it again and
        again. Raises StoreError."""
        partition = next((each for each, keys in self._removed.items() if keys and each in self._dbs), None)
        if partition is not None:
            self._opened(partition).compact(self._removed[partition].popleft())

    def persist(self, now_s: float) -> None:
        """Every PERSIST_S: what is in memory only goes to files. Call it again and again. Raises
        StoreError."""
        if now_s - self._persisted_s >= PERSIST_S:
            self._persisted_s = now_s
            for partition in list(self._dbs):
                self._opened(partition).persist()

    def _opened(self, partition: int) -> LaneStore:
        return LaneStore(self._db_for_partition(partition), self._removed[partition])

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
        if is_too_old(LaneStore(db), _now_ms()):
            log.warning(
                "The rows in %s are older than what their changelog remembers of removed rows: all are "
                "restored",
                path,
            )
            db.close()
            shutil.rmtree(path)
            db = open_rows(path)
        return db

    def revoke_partitions(self, table: Any, tps: set[Any]) -> None:
        """Close what is no longer ours, so that another worker may open it."""
        for tp in tps:
            self._met.pop(tp.partition, None)
            self._removed.pop(tp.partition, None)
            if (
                tp.topic in table.changelog_topic.topics
                and (db := self._dbs.pop(tp.partition, None)) is not None
            ):
                close_store(db)

    async def stop(self) -> None:
        """Close all."""
        for db in self._dbs.values():
            close_store(db)
        self._dbs.clear()


def open_rows(path: Path) -> Any:
    """RocksDB at `path` with a bounded cache; keys and values are bytes."""
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    options.set_max_write_buffer_number(3)
    options.set_max_open_files(256)
    options.set_memtable_prefix_bloom_ratio(
        0.1
    )  # most rows of a new user are in no file and not in memory: no search for those
    options.set_memtable_whole_key_filtering(True)
    blocks = BlockBasedOptions()
    blocks.set_block_cache(Cache(BLOCK_CACHE_BYTES))
    blocks.set_bloom_filter(10, False)
    blocks.set_cache_index_and_filter_blocks(True)
    options.set_block_based_table_factory(blocks)
    db = Rdict(str(path), options)
    db.set_options(SETTLED)
    return db


def is_too_old(store: LaneStore, now_ms: int) -> bool:
    """Whether the changelog may have forgotten records that remove rows of this store."""
    return store.offset() >= 0 and store.appended_ms() < now_ms - TOO_OLD_MS


def _now_ms() -> int:
    return int(time.time() * 1000)


def close_store(db: Any) -> None:
    """Keep what is in memory only, and close."""
    db.flush()
    db.close()
