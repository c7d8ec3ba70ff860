"""The durability order: outputs acknowledged, changelog acknowledged, one RocksDB write, late outputs, then the input."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from streams import metrics
from streams.arena import most_changed_bytes
from streams.loud_end import RefusedError
from streams.producer import MAX_BATCH_BYTES, Row, acknowledged
from streams.view import RecordBatch

if TYPE_CHECKING:
    from streams.lane import Lane

BEFORE_FLUSH_BYTES: Final = 1024 * 1024
"""What a workload may add in `before_flush`."""
ROOM_BYTES: Final = MAX_BATCH_BYTES - BEFORE_FLUSH_BYTES
"""Rows that one record batch holds beside that, with their keys and lengths."""

BEHIND_INTERVALS: Final = 4
"""While a full batch waits, a flush may wait this much longer: users that come again then cost one row, not one per flush."""


def due(lane: Lane, coming: RecordBatch | None) -> bool:
    """Whether the interval is over."""
    settings, since = lane.around.settings, lane.unflushed_since
    behind = coming is not None and len(coming.records) >= settings.batch_records
    return since is not None and time.monotonic() - since >= settings.flush_interval_s * (BEHIND_INTERVALS if behind else 1)


def has_room(lane: Lane, users: int, most_bytes: int) -> bool:
    """Whether memory holds so many users more, and one record batch so many bytes beside what was changed.

    Without changes there is all the room there can be.
    """
    changed = lane.changed_bytes()
    return not changed or (lane.arena.room() >= users and changed + most_bytes <= ROOM_BYTES)


def portions(lane: Lane, batch: RecordBatch) -> Iterator[tuple[RecordBatch, int]]:
    """A batch in pieces, and what each may change at most, so that one record batch has room: nearly always the batch itself."""
    most_bytes = _most_bytes(lane, batch)
    if len(batch.records) == 1 or most_bytes <= ROOM_BYTES:
        yield batch, most_bytes
        return
    middle = len(batch.records) // 2
    for records in (batch.records[:middle], batch.records[middle:]):
        yield from portions(lane, RecordBatch(batch.topic, batch.partition, records))


def _most_bytes(lane: Lane, batch: RecordBatch) -> int:
    """What a batch may change: all rows of each user, and texts as long as the record twice over."""
    keys = {record.key for record in batch.records}
    texts = sum([len(record.value or b"") for record in batch.records])
    names = sum([len(key or b"") for key in keys])
    return len(keys) * most_changed_bytes(lane.arena.kinds) + len(lane.arena.kinds) * names + 2 * texts


async def flush(lane: Lane) -> None:
    """Make everything applied so far durable and acknowledge its input. Any exception means that the process must end."""
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
    """A worker that was paused past its session has lost its lanes: its rows are old and must not be written."""
    if not lane.around.still_owner(lane.generation):
        raise RefusedError(
            f"lane {lane.number} may belong to another worker: no valid membership of generation {lane.generation} "
            f"within {lane.around.settings.session_timeout_s:g} s. Nothing was written; start the worker again"
        )


async def _write_rows(lane: Lane) -> None:
    lane.note_flush()
    rows: list[Row] = [*lane.arena.dirty(), *lane.variable.dirty(lane.fence)]
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
    """Another writer appended in between: whatever it wrote of our rows is written again by the next flush."""
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
