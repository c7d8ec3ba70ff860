"""Rows whose last changelog record is another writer's are written again: compaction keeps no other record of
a key, and the next restore onto an empty disk would find the wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streams.lane.append import append_rows
from streams.lane.memory import LaneMemory
from streams.rows.rows_on_disk import BEATEN
from streams.wire.output import ChangelogRow

PART_BYTES: Final = 1024 * 1024
"""About what one record batch of such rows holds."""


async def repair(memory: LaneMemory) -> None:
    """Write the rows of all beaten keys again, as the last flush left them. Raises what append_rows does."""
    while memory.beaten:
        rows = list(_some(memory))
        await append_rows(memory, rows, [(BEATEN + key, None) for key, _ in rows])
        for key, _ in rows:
            memory.beaten.pop(key, None)


def _some(memory: LaneMemory) -> Iterator[ChangelogRow]:
    part_bytes = 0
    for key in list(memory.beaten):
        (value,) = memory.store.get_many([key])
        yield key, value
        part_bytes += len(key) + len(value or b"")
        if part_bytes >= PART_BYTES:
            return
