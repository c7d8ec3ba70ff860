"""The durability order: outputs acknowledged, changelog acknowledged, one RocksDB write, late outputs, then
the input."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from streams import metrics
from streams.broker.producer import MAX_BATCH_BYTES
from streams.lane.memory import LaneMemory
from streams.loud_end import RefusedError
from streams.wire.view import ConsumedRecord, RecordBatch

BEFORE_FLUSH_BYTES: Final = 1024 * 1024
"""What a workload may add in `before_flush`."""
ROOM_BYTES: Final = MAX_BATCH_BYTES - BEFORE_FLUSH_BYTES
"""Rows that one record batch holds beside that, with their keys and lengths."""

LEAST_SHARE: Final = 8
"""A part of a batch goes before a flush if it is at least 1/8 of a full one."""

BEHIND_INTERVALS: Final = 8
"""While a full batch waits, a flush may wait this much longer: users that come again then cost one row, not
one per flush."""


def flush_due(memory: LaneMemory, coming: RecordBatch | None) -> bool:
    """Whether the interval is over."""
    settings, since = memory.around.work.settings, memory.unflushed_since
    behind = coming is not None and len(coming.records) >= settings.batch_records
    return since is not None and time.monotonic() - since >= settings.flush_interval_s * (
        BEHIND_INTERVALS if behind else 1
    )


def most_batch_bytes(memory: LaneMemory, records: Sequence[ConsumedRecord]) -> list[int]:
    """What the first n records may change at most, n = 1..: all rows of a user each, and texts as long as the
    record twice over."""
    rows, kinds = memory.user_bytes, len(memory.arena.kinds)
    return list(
        accumulate(
            [rows + kinds * len(record.key or b"") + 2 * len(record.value or b"") for record in records]
        )
    )


def fitting(memory: LaneMemory, most: list[int], done: int) -> int:
    """How many records behind the first `done` may be applied now: memory holds their users, one record batch
    what they change at `most`.

    0 = flush first, rather than take a small part. Without changes there is all the room there can be, for
    one record at least.
    """
    changed = memory.changed_bytes()
    before = most[done - 1] if done else 0
    fit = min(bisect_right(most, ROOM_BYTES - changed + before, done) - done, memory.arena.room())
    if not changed:
        return max(fit, 1)
    return (
        fit
        if done + fit >= len(most) or fit * LEAST_SHARE >= memory.around.work.settings.batch_records
        else 0
    )


async def flush(memory: LaneMemory) -> None:
    """Make everything applied so far durable and acknowledge its input. Any exception means that the process
    must end."""
    memory.unflushed_since = None
    if not memory.dirty():
        return
    started = time.monotonic()
    work = memory.around.work
    passed = work.fail_point.passed
    _check_owner(memory)
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
    metrics.FLUSH_SECONDS.observe(time.monotonic() - started)


def _check_owner(memory: LaneMemory) -> None:
    """A worker that was paused past its session has lost its lanes: its rows are old and must not be
    written."""
    if not memory.around.input.is_member(memory.generation):
        raise RefusedError(
            f"lane {memory.number} may belong to another worker: no valid membership of generation "
            f"{memory.generation} within {memory.around.work.settings.session_timeout_s:g} s. "
            "Nothing was written; start the worker again"
        )


async def _write_rows(memory: LaneMemory) -> None:
    rows = memory.changed_rows()
    changed_bytes, passed = memory.changed_bytes(), memory.around.work.fail_point.passed
    future = await memory.around.output.changelog.send(memory.number, rows)
    passed("changelog_sent")
    first = (await future).offset
    passed("changelog_acked")
    memory.store.write(rows, first + len(rows) - 1)
    passed("store_written")
    memory.cleaned()
    expected, memory.next_changelog_offset = memory.next_changelog_offset, first + len(rows)
    metrics.CHANGELOG_BYTES.inc(changed_bytes)
    metrics.ROWS_FLUSHED.labels("all").inc(len(rows))
    if first != expected:
        await _overwrite_foreign(memory, expected, first)


async def _overwrite_foreign(memory: LaneMemory, start: int, end: int) -> None:
    """Another writer appended in between: whatever it wrote of our rows is written again by the next
    flush."""
    keys = await memory.around.output.changelog.foreign_keys(memory.number, start, end)
    metrics.FOREIGN_WRITES.inc(len(keys))
    for key in keys:
        kind = key[:1].decode("latin-1")
        if kind in memory.arena.kinds:
            memory.arena.touch(kind, [key[1:]])
        else:
            memory.variable.put(key, memory.variable.get(key))
    memory.unflushed_since = time.monotonic()


async def _late(memory: LaneMemory) -> None:
    """What may leave only now that the rows are durable."""
    view = memory.view()
    memory.around.work.workload.after_flush(view, memory.state.flush)
    view.commit()
    memory.outgoing += [*memory.late_outputs, *view.outputs, *view.late_outputs]
    memory.late_outputs.clear()
    await memory.emit()
    await memory.outputs_acknowledged()
