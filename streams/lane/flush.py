"""The durability order: outputs acknowledged, changelog acknowledged, one RocksDB write, late outputs, then
the input."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from streams import metrics
from streams.broker.producer import MAX_BATCH_BYTES, ChangelogRow, acknowledged
from streams.loud_end import RefusedError
from streams.wire.view import ConsumedRecord, RecordBatch

if TYPE_CHECKING:
    from streams.lane.lane import Lane

BEFORE_FLUSH_BYTES: Final = 1024 * 1024
"""What a workload may add in `before_flush`."""
ROOM_BYTES: Final = MAX_BATCH_BYTES - BEFORE_FLUSH_BYTES
"""Rows that one record batch holds beside that, with their keys and lengths."""

LEAST_SHARE: Final = 8
"""A part of a batch goes before a flush if it is at least 1/8 of a full one."""

BEHIND_INTERVALS: Final = 8
"""While a full batch waits, a flush may wait this much longer: users that come again then cost one row, not
one per flush."""


def flush_due(lane: Lane, coming: RecordBatch | None) -> bool:
    """Whether the interval is over."""
    settings, since = lane.around.settings, lane.unflushed_since
    behind = coming is not None and len(coming.records) >= settings.batch_records
    return since is not None and time.monotonic() - since >= settings.flush_interval_s * (
        BEHIND_INTERVALS if behind else 1
    )


def most_batch_bytes(lane: Lane, records: Sequence[ConsumedRecord]) -> list[int]:
    """What the first n records may change at most, n = 1..: all rows of a user each, and texts as long as the
    record twice over."""
    rows, kinds = lane.user_bytes, len(lane.arena.kinds)
    return list(
        accumulate(
            [rows + kinds * len(record.key or b"") + 2 * len(record.value or b"") for record in records]
        )
    )


def fitting(lane: Lane, most: list[int], done: int) -> int:
    """How many records behind the first `done` may be applied now: memory holds their users, one record batch
    what they change at `most`.

    0 = flush first, rather than take a small part. Without changes there is all the room there can be, for
    one record at least.
    """
    changed = lane.changed_bytes()
    before = most[done - 1] if done else 0
    fit = min(bisect_right(most, ROOM_BYTES - changed + before, done) - done, lane.arena.room())
    if not changed:
        return max(fit, 1)
    return fit if done + fit >= len(most) or fit * LEAST_SHARE >= lane.around.settings.batch_records else 0


async def flush(lane: Lane) -> None:
    """Make everything applied so far durable and acknowledge its input. Any exception means that the process
    must end."""
    lane.unflushed_since = None
    if not lane.dirty():
        return
    started = time.monotonic()
    _check_owner(lane)
    lane.visit(lane.around.workload.before_flush)
    await lane.emit()
    passed = lane.around.fail_point.passed
    passed("outputs_sent")
    await acknowledged(lane.unacknowledged)
    lane.unacknowledged.clear()
    passed("outputs_acked")
    if lane.changed_bytes():
        await _write_rows(lane)
    await _late(lane)
    for event in lane.applied:
        await lane.around.acknowledge(event)
    lane.applied.clear()
    passed("acked")
    metrics.FLUSH_SECONDS.observe(time.monotonic() - started)


def _check_owner(lane: Lane) -> None:
    """A worker that was paused past its session has lost its lanes: its rows are old and must not be
    written."""
    if not lane.around.still_owner(lane.generation):
        raise RefusedError(
            f"lane {lane.number} may belong to another worker: no valid membership of generation "
            f"{lane.generation} "
            f"within {lane.around.settings.session_timeout_s:g} s. Nothing was written; start the worker "
            "again"
        )


async def _write_rows(lane: Lane) -> None:
    lane.note_flush()
    rows: list[ChangelogRow] = [*lane.arena.dirty(), *lane.variable.dirty(lane.fence)]
    changed_bytes, passed = lane.changed_bytes(), lane.around.fail_point.passed
    future = await lane.around.changelog.send(lane.number, rows)
    passed("changelog_sent")
    first = (await future).offset
    passed("changelog_acked")
    lane.store.write(rows, first + len(rows) - 1)
    passed("store_written")
    lane.arena.cleaned()
    lane.variable.cleaned()
    expected, lane.next_changelog_offset = lane.next_changelog_offset, first + len(rows)
    metrics.CHANGELOG_BYTES.inc(changed_bytes)
    metrics.ROWS_FLUSHED.labels("all").inc(len(rows))
    if first != expected:
        await _overwrite_foreign(lane, expected, first)


async def _overwrite_foreign(lane: Lane, start: int, end: int) -> None:
    """Another writer appended in between: whatever it wrote of our rows is written again by the next
    flush."""
    keys = await lane.around.foreign_keys(lane.number, start, end)
    metrics.FOREIGN_WRITES.inc(len(keys))
    for key in keys:
        kind = key[:1].decode("latin-1")
        if kind in lane.arena.kinds:
            lane.arena.touch(kind, [key[1:]])
        else:
            lane.variable.put(key, lane.variable.get(key))
    lane.unflushed_since = time.monotonic()


async def _late(lane: Lane) -> None:
    """What may leave only now that the rows are durable."""
    view = lane.view()
    lane.around.workload.after_flush(view, lane.state.flush)
    view.commit()
    lane.outgoing += [*lane.late_outputs, *view.outputs, *view.late_outputs]
    lane.late_outputs.clear()
    await lane.emit()
    await acknowledged(lane.unacknowledged)
    lane.unacknowledged.clear()
