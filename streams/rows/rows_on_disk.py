"""The durable rows of one lane: a RocksDB of its own, whose changelog is its log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from rocksdict import (
    BlockBasedIndexType,
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    WriteBatch,
    WriteOptions,
)

from streams.rows.ownership import NOBODY, Owner, parsed_owner
from streams.topics import DAY_MS
from streams.unix_time import unix_ms
from streams.wire.output import ChangelogRow

BLOCK_CACHE_BYTES: Final = 32 * 1024 * 1024
WRITE_BUFFER_BYTES: Final = 16 * 1024 * 1024
MANIFEST_BYTES: Final = 1
"""RocksDB's list of its files names the first and the last key of each. It is begun anew with every change,
or it would name keys of files that are gone."""
PERSONAL: Final = b"pxri"
"""Kinds of rows whose removal must leave the disk soon: RocksDB keeps a removed row until the files that hold
it are rewritten."""
OFFSET_KEY: Final = b"__faust\0offset__"
APPENDED_KEY: Final = b"__faust\0appended__"
"""When the changelog record at that offset was appended, Unix ms."""
REMOVED_KEY: Final = b"__shiftcast\0removed__"
"""The mark that removed rows may still stand in the files, see LaneStore.removed."""
OWNER_KEY: Final = b"__shiftcast\0owner__"
"""The newest owner whose rows are here."""
BEATEN: Final = b"__shiftcast\0beaten__"
"""With a row's key behind it: the last changelog record of that key is not the row that is here."""
META: Final = b"__"
"""What is no row begins so."""
SETTLED: Final = {"ttl": str(DAY_MS // 4_000), "periodic_compaction_seconds": str(DAY_MS // 1_000)}
"""s. What a newer value hides leaves the files for good, whatever its kind: a file sinks a level after 6 h
and is rewritten after a day."""


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

    def __init__(self, db: Any) -> None:
        self._db = db

    def _failed(self, verb: str, error: Exception) -> StoreError:
        return StoreError(
            f"cannot {verb} rows in {self._db.path()}: {error}. Make room on that disk, or name another "
            "SHIFTCAST_DATA_DIR: rows come back from their changelog"
        )

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """Values by key. Raises StoreError."""
        if not keys:
            return []
        try:
            values: list[bytes | None] = self._db.get(keys)
        except Exception as error:
            raise self._failed("read", error) from error
        return values

    def scan(self, prefix: bytes, after: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Pairs with this prefix and a key > after, by key. Raises StoreError."""
        try:
            for key, value in self._db.items(from_key=max(prefix, after)):
                if not key.startswith(prefix):
                    return
                if key > after and not key.startswith(META):
                    yield key, value
        except Exception as error:
            raise self._failed("scan", error) from error

    def offset(self) -> int:
        """Last changelog offset that these rows contain, -1 none."""
        value = self._db.get(OFFSET_KEY)
        return -1 if value is None else int(value)

    def appended_ms(self) -> int:
        """When that record was appended, 0 unknown."""
        value = self._db.get(APPENDED_KEY)
        return 0 if value is None else int(value)

    def owner(self) -> Owner:
        """The newest owner whose rows are here."""
        value = self._db.get(OWNER_KEY)
        return NOBODY if value is None else parsed_owner(value)

    def beaten(self) -> list[bytes]:
        """Keys whose last changelog record is not the row that is here. Raises StoreError."""
        try:
            found = []
            for key in self._db.keys(from_key=BEATEN):
                if not key.startswith(BEATEN):
                    break
                found.append(key[len(BEATEN) :])
            return found
        except Exception as error:
            raise self._failed("scan", error) from error

    def append(self, rows: Iterable[ChangelogRow], start: int, end: int, owner: Owner) -> None:
        """The owner's rows, which with what it has read stand at offsets start..end of the changelog. Raises
        StoreError, also when records before `start` were never read."""
        if start != self.offset() + 1:
            raise StoreError(
                f"rows at changelog offset {start} do not follow offset {self.offset()}, the last one read"
            )
        self.write([*rows, (OWNER_KEY, owner.stamped()[1])], end)

    def write(self, rows: Iterable[ChangelogRow], offset: int, appended_ms: int | None = None) -> None:
        """Rows (None = remove) and the changelog offset they bring the store to, all or nothing. Raises
        StoreError.

        appended_ms: when the record at that offset was appended; None = just now.
        """
        batch, removed = WriteBatch(raw_mode=True), False
        for key, value in rows:
            if value is None:
                batch.delete(key)
                removed = removed or key[:1] in PERSONAL
            else:
                batch.put(key, value)
        if removed:
            batch.put(REMOVED_KEY, str(self._db.latest_sequence_number()).encode())
        batch.put(OFFSET_KEY, str(offset).encode())
        appended_ms = unix_ms() if appended_ms is None else appended_ms
        batch.put(APPENDED_KEY, str(appended_ms).encode())
        try:
            self._db.write(batch, WRITE)
        except Exception as error:
            raise self._failed("write", error) from error

    def persist(self) -> None:
        """What is in memory only goes to files. Raises StoreError."""
        try:
            self._db.flush()
        except Exception as error:
            raise self._failed("write", error) from error

    def removed(self) -> bytes:
        """The mark of the newest removal of a personal row whose older values may stand in the files; b"" =
        nothing waits."""
        value: bytes | None = self._db.get(REMOVED_KEY)
        return value or b""

    def rewrite(self) -> None:
        """Take everything that a newer value or a removal hides out of the files. Takes seconds, while
        other threads may read and write. Raises StoreError.

        Whole, for the newest rows lie across all users: RocksDB rewrites nearly as much for one key.
        """
        self.persist()
        try:
            self._db.compact_range(None, None)
        except Exception as error:
            raise self._failed("compact", error) from error

    def forget_removed(self) -> None:
        """No removed row stands in the files. Raises StoreError."""
        try:
            self._db.put(REMOVED_KEY, b"", WRITE)
        except Exception as error:
            raise self._failed("write", error) from error


def open_rows(path: Path) -> Any:
    """RocksDB at `path` with a bounded cache; keys and values are bytes."""
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    options.set_max_write_buffer_number(3)
    options.set_max_open_files(256)
    options.set_max_manifest_file_size(MANIFEST_BYTES)
    options.set_memtable_prefix_bloom_ratio(
        0.1
    )  # most rows of a new user are in no file and not in memory: no search for those
    options.set_memtable_whole_key_filtering(True)
    options.set_compression_type(DBCompressionType.lz4())  # zeros are left out already: little is gained
    blocks = BlockBasedOptions()
    blocks.set_block_cache(Cache(BLOCK_CACHE_BYTES))
    blocks.set_bloom_filter(10, False)
    blocks.set_cache_index_and_filter_blocks(True)
    # In small parts: one of a whole file of 64 MiB is larger than a shard of the cache, 512 KiB, never stays
    # there and would be read again, some MB, by every look at a row.
    blocks.set_index_type(BlockBasedIndexType.two_level_index_search())
    blocks.set_partition_filters(True)
    blocks.set_pin_top_level_index_and_filter(True)
    options.set_block_based_table_factory(blocks)
    db = Rdict(str(path), options)
    db.set_options(SETTLED)
    return db


def close_rows(db: Any) -> None:
    """Keep what is in memory only, and close."""
    db.flush()
    db.close()
