"""Rows to the changelog and from there to the store, while the lane is this member's: the store never skips a
record of the changelog that it has not read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from aiokafka.errors import KafkaError

from streams.lane.memory import LaneMemory
from streams.lane.surroundings import LaneStanding
from streams.loud_end import RefusedError
from streams.metrics.lanes import FOREIGN_WRITES
from streams.rows.rows_on_disk import BEATEN
from streams.wire.output import ChangelogRow

UNCERTAIN_POLL_S: Final = 0.1
READ_AGAIN_S: Final = 1.0


class LaneLostError(RefusedError):
    """The lane may be another worker's: nothing of it may be written here any more."""


async def owned(memory: LaneMemory) -> None:
    """Wait while the coordinator does not answer: uncertain is not lost. Raises LaneLostError."""
    while (standing := memory.around.input.standing(memory.generation)) is not LaneStanding.OWNER:
        if standing is LaneStanding.LOST:
            raise LaneLostError(f"lane {memory.number} may belong to another worker")
        await asyncio.sleep(UNCERTAIN_POLL_S)


async def append_rows(
    memory: LaneMemory, rows: Sequence[ChangelogRow], marks: Iterable[ChangelogRow] = ()
) -> None:
    """Rows to the changelog, then with `marks` to the store. Raises LaneLostError: the rows may stand in the
    changelog then, where the owner finds them; StoreError, RefusedError, KafkaError."""
    passed = memory.around.work.fail_point.passed
    await owned(memory)  # whatever came before may have taken long
    future = await memory.around.output.changelog.send(memory.number, rows, memory.owner.stamped())
    passed("changelog_sent")
    first = (await future).offset
    passed("changelog_acked")
    await owned(memory)  # and so may the acknowledgement
    beaten = await _foreign_keys(memory, first)
    if beaten:
        mine = {key for key, _ in rows}
        beaten = [key for key in beaten if key not in mine]
    _follow(memory, [*rows, *marks], beaten, first + len(rows))
    passed("store_written")


async def read_foreign(memory: LaneMemory, end: int) -> None:
    """Take note of what another writer appended to the lane's changelog before offset `end`: `repair` is
    due."""
    await owned(memory)
    _follow(memory, (), await _foreign_keys(memory, end), end)


async def _foreign_keys(memory: LaneMemory, end: int) -> list[bytes]:
    """Keys of the records between what was read and offset `end`."""
    while memory.next_changelog_offset < end:
        try:
            keys = await memory.around.output.changelog.foreign_keys(
                memory.number, memory.next_changelog_offset, end
            )
        except KafkaError:  # the broker went away; nothing may be skipped
            await asyncio.sleep(READ_AGAIN_S)
            await owned(memory)
        else:
            FOREIGN_WRITES.inc(len(keys))
            return keys
    return []


def _follow(memory: LaneMemory, rows: Sequence[ChangelogRow], beaten: Sequence[bytes], end: int) -> None:
    """The store stands at `end` with `rows`; the last records of the `beaten` keys are not this lane's."""
    marks = [(BEATEN + key, b"") for key in beaten]
    memory.store.append([*rows, *marks], memory.next_changelog_offset, end - 1, memory.owner)
    memory.next_changelog_offset = end
    memory.beaten |= dict.fromkeys(beaten)
