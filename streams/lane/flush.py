"""The durability order: outputs acknowledged, changelog acknowledged, one RocksDB write, late outputs, then
the input."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.broker.producer import MAX_BATCH_BYTES
from streams.lane.append import append_rows, owned
from streams.lane.memory import LaneMemory
from streams.metrics.lanes import CHANGELOG_BYTES, FLUSH_SECONDS, ROWS_FLUSHED
from streams.wire.record_columns import distinct_keys_of, lengths_of, text_bytes_of
from streams.wire.view import ConsumedRecord

BEFORE_FLUSH_BYTES: Final = 2 * 1024 * 1024
"""What a workload may add in `before_flush`."""
ROOM_BYTES: Final = MAX_BATCH_BYTES - BEFORE_FLUSH_BYTES
"""Rows that one record batch holds beside that, with their keys and lengths."""

LEAST_SHARE: Final = 8
"""A part of a batch goes before a flush if it is at least 1/8 of a full one."""

BEHIND_INTERVALS: Final = 8
"""While as much waits and may be taken as a batch holds, a flush may wait this much longer: users that come
again then cost one row, not one per flush."""


def flush_due(memory: LaneMemory) -> bool:
    """Whether the interval is over."""
    interval_s, since = memory.around.work.settings.flush_interval_s, memory.unflushed_since
    if since is None:
        return False
    return time.monotonic() - since >= interval_s * (BEHIND_INTERVALS if memory.is_behind() else 1)


def fits_for_certain(memory: LaneMemory, records: Sequence[ConsumedRecord]) -> bool:
    """Whether all of them may be applied now, were each of another user: of a small batch that says enough,
    and to look at each of its records takes longer than to apply it."""
    n, most_of_text = len(records), max(len(memory.arena.kinds), 2) * text_bytes_of(records)
    fits = memory.changed_bytes() + n * memory.user_bytes + most_of_text <= ROOM_BYTES
    return fits and n <= memory.arena.room()


class BatchBounds(NamedTuple):
    """What the first n records of a batch may bring at most, n = 1..: bytes of changed rows, and users."""

    changed_bytes: NDArray[np.int64]
    users: NDArray[np.int32]


def batch_bounds(memory: LaneMemory, records: Sequence[ConsumedRecord]) -> BatchBounds:
    """All rows of a user once, however often he comes, and for each record texts as long as it is twice
    over."""
    keys, values = lengths_of(records)
    users = np.maximum.accumulate(distinct_keys_of(records).which) + 1
    rows = (memory.user_bytes + len(memory.arena.kinds) * keys) * np.diff(users, prepend=0)
    return BatchBounds((rows + 2 * values).cumsum(), users)


def fitting_records(memory: LaneMemory, bounds: BatchBounds) -> int:
    """How many of the records may be applied now: memory holds their users, one record batch what they
    change at most.

    0 = flush first, rather than take a small part. Without changes there is all the room there can be, for
    one record at least.
    """
    changed, n = memory.changed_bytes(), len(bounds.users)
    fit = min(
        int(np.searchsorted(bounds.changed_bytes, ROOM_BYTES - changed, "right")),
        int(np.searchsorted(bounds.users, memory.arena.room(), "right")),
    )
    if not changed:
        return max(fit, 1)
    return fit if fit >= n or fit * LEAST_SHARE >= memory.around.work.settings.batch_records else 0


async def flush(memory: LaneMemory) -> None:
    """Make everything applied so far durable and acknowledge its input. Any exception means that the lane
    must end."""
    memory.unflushed_since = None
    if not memory.dirty():
        return
    started = time.monotonic()
    work = memory.around.work
    passed = work.fail_point.passed
    await owned(memory)
    memory.visit(work.workload.before_flush)
    await memory.emit()
    passed("outputs_sent")
    await memory.outputs_acknowledged()
    passed("outputs_acked")
    if memory.changed_bytes() or memory.applied:  # the lane's own row says how far every source is applied
        await _write_rows(memory)
    await _late(memory)
    for event in memory.applied:
        await memory.around.input.acknowledge(event)
    memory.applied.clear()
    passed("acked")
    FLUSH_SECONDS.observe(time.monotonic() - started)


async def _write_rows(memory: LaneMemory) -> None:
    rows, changed_bytes = memory.changed_rows(), memory.changed_bytes()
    await append_rows(memory, rows)
    memory.cleaned()
    CHANGELOG_BYTES.inc(changed_bytes)
    ROWS_FLUSHED.labels("all").inc(len(rows))


async def _late(memory: LaneMemory) -> None:
    """What may leave only now that the rows are durable."""
    view = memory.view()
    memory.around.work.workload.after_flush(view, memory.state.flush)
    view.commit()
    memory.outgoing += [*memory.late_outputs, *view.outputs, *view.late_outputs]
    memory.late_outputs.clear()
    await memory.emit()
    await memory.outputs_acknowledged()
