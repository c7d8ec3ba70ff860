"""Events on disk from the moment they are answered until the broker has them: a process that is killed loses
none, and the next one sends what is left, to the cluster that they were taken for."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, Final

import msgspec
from rocksdict import Options, Rdict, WriteBatch

from streams.loud_end import RefusedError

_MIB: Final = 1024 * 1024
_LOCKED: Final = "lock"
"""In what RocksDB says when another process has a folder open."""
_CLUSTER: Final = b"cluster"
"""Under this key, beside the numbers of events: the id of the cluster that they go to."""
_VERSION: Final = b"\x01"
"""Begins each event. Before there were versions an event began as MessagePack arrays of five do."""
_UNVERSIONED: Final = 0x95


class Event(msgspec.Struct, frozen=True, array_like=True):
    """What is sent: `at_ms` is when it happened."""

    topic: str
    user: str
    id: str
    at_ms: int
    value: bytes


class KeptNowhereError(OSError):
    """The event is not on disk and must not be answered as if it were."""


class OtherClusterError(RefusedError):
    """What waits was taken for another cluster."""


class EventBuffer:
    """Numbered events in the order of their answers. For one thread; `sync` and `tidy` may run in others.

    Raises RefusedError when the folder cannot be used or another process has it.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._files = Lock()  # nothing writes them through while they are closed
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db: Any = Rdict(str(folder), _options())
        except Exception as error:
            raise RefusedError(_unusable(folder, str(error))) from error
        self._folder = folder
        self._first, self._end, self.bytes, versions = _survey(self._db)
        if unknown := versions - {_VERSION[0], _UNVERSIONED}:
            self.close()
            raise RefusedError(
                f"{folder} holds events of a newer build (version {max(unknown)}): start that one again "
                "until they are sent"
            )

    def __len__(self) -> int:
        return self._end - self._first

    def put(self, event: Event) -> None:
        """Raises KeptNowhereError when there is no room: it is in the hands of the system once this returns,
        and on the disk after the next `sync`."""
        value = _VERSION + msgspec.msgpack.encode(event)
        if self.bytes + len(value) > self._most_bytes:
            raise KeptNowhereError(f"{len(self)} events wait for the broker in {self.bytes} bytes")
        self._tried(self._db.put, _key(self._end), value)
        self._end += 1
        self.bytes += len(value)

    def waiting(self, most: int) -> list[Event]:
        """The oldest ones."""
        numbers = range(self._first, min(self._first + most, self._end))
        if not numbers:
            return []
        values = self._tried(self._db.get, [_key(number) for number in numbers])
        return [_event_of(value) for value in values]

    def claim(self, cluster_id: str, data_dir: Path) -> None:
        """Before the first is sent; without events it may be another one. Raises OtherClusterError,
        KeptNowhereError."""
        before = self._tried(self._db.get, _CLUSTER)
        if len(self) and before is not None and before != cluster_id.encode():
            elsewhere = shlex.quote(f"{data_dir}-{cluster_id}")
            raise OtherClusterError(
                f"{self._folder} holds {len(self)} events for cluster {before.decode()}, this is "
                f"{cluster_id}: set KAFKA_BROKER back, or type `export SHIFTCAST_DATA_DIR={elsewhere}` for a "
                "folder of its own"
            )
        self._tried(self._db.put, _CLUSTER, cluster_id.encode())

    def sent(self, count: int) -> None:
        """The broker has the oldest `count`."""
        keys = [_key(number) for number in range(self._first, self._first + count)]
        self.bytes -= sum(map(len, self._tried(self._db.get, keys)))
        batch = WriteBatch(raw_mode=True)
        for key in keys:
            batch.delete(key)
        self._tried(self._db.write, batch)
        self._first += count

    def sync(self) -> None:
        """Returns when the disk has all that was put before. Raises KeptNowhereError."""
        with self._files:
            self._tried(self._db.flush_wal, True)

    def tidy(self) -> None:
        """Nothing of events that were sent is left in the files."""
        with self._files:
            self._tried(self._db.flush)
            self._tried(self._db.compact_range, None, None)

    def close(self) -> None:
        """Another process may open the folder."""
        with self._files:
            self._db.close()

    def _tried(self, act: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return act(*arguments)
        except Exception as error:
            raise KeptNowhereError(f"the disk did not take it: {error}") from error


def _options() -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(16 * _MIB)
    return options


def _survey(db: Any) -> tuple[int, int, int, set[int]]:
    """(first number, last + 1, bytes, versions) of what is there, one event in memory at a time."""
    first, end, total_bytes, versions = -1, 0, 0, set[int]()
    for key, value in db.items():
        if key == _CLUSTER:
            continue
        number = int.from_bytes(key)
        first = number if first < 0 else min(first, number)
        end = max(end, number + 1)
        total_bytes += len(value)
        versions.add(value[0])
    return max(first, 0), end, total_bytes, versions


def _event_of(value: bytes) -> Event:
    return msgspec.msgpack.decode(value[value[0] != _UNVERSIONED :], type=Event)


def _key(number: int) -> bytes:
    return number.to_bytes(8)


def _unusable(folder: Path, why: str) -> str:
    if _LOCKED in why.lower():
        return f"another process collects in {folder}: give each a SHIFTCAST_DATA_DIR of its own"
    return (
        f"cannot keep events in {folder}: {why}. Make room on that disk, or name another SHIFTCAST_DATA_DIR"
    )
