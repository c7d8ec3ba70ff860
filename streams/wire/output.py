"""One record that leaves the process: made by pure code, sent by streams.broker.producer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.wire.texts import Texts


class Output(msgspec.Struct, frozen=True):
    """`partition` None = murmur2 of the key (Java's default); `timestamp_ms` None = the broker's or the
    client's clock; `waits`: nobody is in a hurry for it, so that it may leave with others like it, by the
    next flush of its lane."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: list[tuple[str, bytes]] = []
    timestamp_ms: int | None = None
    waits: bool = False

    @property
    def records(self) -> int:
        return 1


class OutputColumns(msgspec.Struct, frozen=True):
    """Many records of one topic and partition, none of which anybody waits for: each has its key, its value
    and the value of the header `id_name`, ids of one length uint8 (n, length); the other `headers` are the
    same for all."""

    topic: str
    partition: int
    keys: Texts
    values: Texts
    id_name: str
    ids: NDArray[np.uint8]
    headers: list[tuple[str, bytes]]

    @property
    def records(self) -> int:
        return len(self.keys)

    @property
    def waits(self) -> bool:
        return True

    def each(self) -> Iterator[Output]:
        """One by one."""
        for key, value, id in zip(self.keys, self.values, self.ids, strict=True):
            head = [(self.id_name, id.tobytes()), *self.headers]
            yield Output(self.topic, key, value, self.partition, head, waits=True)


Outgoing = Output | OutputColumns


def one_by_one(outgoing: Sequence[Outgoing]) -> list[Output]:
    """The records that leave, each by itself."""
    singly: list[Output] = []
    for each in outgoing:
        singly += each.each() if isinstance(each, OutputColumns) else [each]
    return singly


ChangelogRow = tuple[bytes, bytes | None]
"""Key and value of a row for the changelog; None = the row is gone."""
