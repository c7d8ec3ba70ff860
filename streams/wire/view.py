"""What an agent sees of the batch path: a working copy of the lane's rows (View) and the functions it hands
in (Workload)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows
from models.row import RowLayout
from streams.wire.output import Outgoing, Output

"""Structured rows, shape (n,); each begins with the fields of models.row.HEADER. version 0 = there is no such
row."""


class ConsumedRecord(Protocol):
    """One consumed record as aiokafka hands it over. `timestamp` = append time in Unix ms on LogAppendTime
    topics."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Records of one partition in offset order; never empty."""

    topic: str
    partition: int
    records: Sequence[ConsumedRecord]

    def split(self, n: int) -> tuple[RecordBatch, RecordBatch | None]:
        """The first n records, and those behind them, if there are any."""
        if n >= len(self.records):
            return self, None
        return (
            RecordBatch(self.topic, self.partition, self.records[:n]),
            RecordBatch(self.topic, self.partition, self.records[n:]),
        )


class View(Protocol):
    """A working copy of the lane's rows. It becomes the lane's state only when the function it was given to
    returns.

    Row keys: kind (one character) + user key. Kinds of `Workload.layouts` with a dtype are fixed-size and go
    through `rows`; every other kind is variable-size and goes through `get`, `put` and `scan`.
    """

    lane: int  # partition number
    generation: (
        int  # the term of the owner: each assignment has a higher one, even when the group was deleted
    )
    flush: int  # number of the flush that will write this view's changes, rising within a lane for ever
    now_ms: int
    heard_ms: Mapping[str, int]  # per source: all that stood on it at that time (Unix ms) is applied
    behind: bool  # a full batch of records or more waits that this lane may take

    def rows(self, keys: Sequence[bytes]) -> tuple[NDArray[np.int32], dict[str, Rows]]:
        """Per key the index of its unique user, and per kind one copy per unique user, shape (n_unique,).
        Once per view."""

    def users(self) -> list[bytes]:
        """The unique user keys of `rows`, in the order of the copies."""

    def mark(self, kind: str, changed: NDArray[np.bool_]) -> None:
        """Which copies changed, shape (n_unique,): only these are kept and written."""

    def delete(self, kind: str, index: int | NDArray[np.integer[Any]]) -> None:
        """Remove these rows: the copies become zero and a tombstone is written."""

    def get(self, key: bytes) -> bytes | None:
        """Payload of a variable-size row."""

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Payloads of many: one question to the store costs less than one for each."""

    def put(self, key: bytes, value: bytes | None) -> None:
        """Set or (None) remove a variable-size row."""

    def scan(self, prefix: bytes, after: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Rows whose key starts with `prefix` and is > `after`, by key: payloads, or whole rows of fixed-size
        kinds."""

    def send(self, output: Outgoing) -> None:
        """Leaves as soon as the function returned; acknowledged before the rows of this view are durable."""

    def send_after_flush(self, output: Output) -> None:
        """Leaves after the flush that made this view's rows durable; lost if the process dies in between:
        re-send in `assigned`."""


MOST_SWEPT: Final = 1_000
"""Users that a sweep may load: so many have room in the smallest memory of a lane."""


class Workload(Protocol):
    """The pure part of an agent. Every function runs under the lane's order and must not await, read a clock
    or draw lots."""

    @property
    def layouts(self) -> Mapping[str, RowLayout]:
        """Every kind of row, one character each; those of fixed size are a user's."""

    def apply(self, view: View, batch: RecordBatch) -> None:
        """Apply a batch. An exception makes the engine bisect to the bad record, which is dead-lettered
        (stage "apply")."""

    def assigned(self, view: View) -> None:
        """After recovery, before the first batch of the lane."""

    def before_flush(self, view: View) -> None:
        """Last changes before the rows are written."""

    def after_flush(self, view: View, flush: int) -> None:
        """The rows of flush number `flush` are durable; outputs of this view leave now, its row changes with
        the next flush."""

    def sweep(self, view: View, now_ms: int) -> bool:
        """About every 10 s: bounded work over the lane's rows, of at most MOST_SWEPT users. True: more of it
        should not wait so long."""
