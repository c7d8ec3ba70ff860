"""Batches through models.event.scan: what the tables of names are, and which records the kernel may read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.event.fields import LEVEL_OF
from models.event.layout import empty_events
from models.event.scan import scan_events
from models.kernels.lookup import Lookup
from streams.columns.decoded import SOURCE_OF, Events
from streams.columns.names import Cells, Items, tables_of
from streams.topics import BY_NAME
from streams.wire.codecs import VERSIONED, WireLimits
from streams.wire.ids import hash64
from streams.wire.partition import keep_own
from streams.wire.record_columns import (
    RecordColumns,
    Records,
    offsets_of,
    packed,
    packed_columns,
    record_keys_of,
    times_of,
)
from streams.wire.view import ConsumedRecord


def campaigns_of(known: Iterable[str]) -> Lookup:
    """The campaigns that may be named."""
    return Lookup((hash64(each), 1) for each in known)


def scannable(topic: str) -> bool:
    """Whether the kernel reads the records of this topic."""
    return SOURCE_OF.get(topic) in LEVEL_OF


def scanned(
    topic: str,
    partition: int,
    records: Sequence[ConsumedRecord],
    items: Items,
    cells: Cells,
    campaigns: Lookup,
    limits: WireLimits,
    n_partitions: int,
) -> tuple[Events, NDArray[np.bool_]]:
    """EVENT array (n,) of n records of a scannable topic, and which of them were read; the others belong to
    the decoder."""
    spec, source = BY_NAME[topic], SOURCE_OF[topic]
    n = len(records)
    data, lengths = _texts(records)
    events, read = empty_events(n), np.empty(n, np.bool_)
    events["offset"], events["append_ts"] = offsets_of(records), times_of(records)
    scan_events(
        data,
        lengths,
        (spec.value_bytes, limits.max_event_age_ms, limits.max_ahead_ms),
        events,
        int(source),
        LEVEL_OF[source],
        tables_of(items, cells, campaigns),
        read,
    )
    keep_own(data, lengths, n_partitions, partition, read)
    return events, read


def _texts(records: Records) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All values, those empty that the decoder must look at, then all keys; and the lengths of both."""
    if isinstance(records, RecordColumns):
        return packed_columns(records)
    values = [
        b"" if record.headers and _names_a_version(record) else record.value or b"" for record in records
    ]
    return packed(values, record_keys_of(records))


def _names_a_version(record: ConsumedRecord) -> bool:
    return any(name in VERSIONED for name, _ in record.headers)
