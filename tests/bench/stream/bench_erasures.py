"""Erasures in a lane of many users: how long the event loop stands still while their rows leave the files,
and when the last is gone.

`python -m tests.bench.stream.bench_erasures [users] [erasures]`. Rows are written as the flushes of a lane
do, in the event loop, before, between and after the erasures. Gone is what no byte of any file of the store
shows any more: each row carries a mark and its user's number in bytes that no compression touches.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from streams.rows.rows_on_disk import LaneStore, open_rows
from streams.rows.upkeep import Upkeep

MARK: Final = b"\xf1bench-erasure\xf2"
ROW_BYTES: Final = {b"p": 420, b"x": 560}
"""About what active users' rows take in their stored form."""
CONSENT_BYTES: Final = 80
FLUSH_S: Final = 0.25
FLUSH_USERS: Final = 1_000
ERASED_PER_FLUSH: Final = 500
CALM_S: Final = 10.0
TICK_S: Final = 0.002
GONE_WITHIN_S: Final = 600.0


@dataclass
class Stage:
    """One lane's store, its upkeep, and what is known of its users."""

    folder: Path
    users: int
    erased: list[int]
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))
    dbs: dict[int, Any] = field(default_factory=dict)
    offset: int = 0

    def __post_init__(self) -> None:
        self.dbs[0] = open_rows(self.folder)
        self.store = LaneStore(self.dbs[0])
        self.upkeep = Upkeep(self.dbs)
        self.kept = np.setdiff1d(np.arange(self.users), self.erased)

    def write(self, rows: list[tuple[bytes, bytes | None]]) -> None:
        self.offset += len(rows)
        self.store.write(rows, self.offset)

    def rows_of(self, user: int) -> Iterator[tuple[bytes, bytes]]:
        """Fresh rows of a user, of bytes that do not compress."""
        for kind, size in ROW_BYTES.items():
            yield kind + b"u%08d" % user, MARK + b"%08d" % user + self.rng.bytes(size)

    def fill(self) -> None:
        order = self.rng.permutation(self.users)
        for start in range(0, self.users, 2_000):
            self.write([row for user in order[start : start + 2_000].tolist() for row in self.rows_of(user)])
        self.store.persist()

    def flush_some(self) -> None:
        """What a busy lane writes at a time, of users that stay."""
        some = self.rng.choice(self.kept, FLUSH_USERS)
        self.write([row for user in some.tolist() for row in self.rows_of(user)])

    def erase(self, users: list[int]) -> None:
        """What a flush writes for erasures: rows go, row c says so."""
        keys = [kind + b"u%08d" % user for user in users for kind in (b"p", b"x", b"v")]
        said = [(b"cu%08d" % user, self.rng.bytes(CONSENT_BYTES)) for user in users]
        self.write([*[(key, None) for key in keys], *said])

    def found(self) -> set[int]:
        """Erased users that a byte of some file still shows."""
        pattern, gone = re.compile(re.escape(MARK) + rb"(\d{8})"), set(self.erased)
        while True:
            seen: set[int] = set()
            try:
                for file in self.folder.iterdir():
                    seen |= {int(number) for number in pattern.findall(file.read_bytes())} & gone
            except FileNotFoundError:  # files were merged while they were read
                continue
            return seen


class Loop:
    """The longest time that the event loop did not turn, and the same without what its thread waited for a
    core that other processes had."""

    def __init__(self) -> None:
        self.longest_ms = self.longest_own_ms = 0.0

    async def watch(self) -> None:
        last, waited = time.perf_counter(), waited_s()
        while True:
            await asyncio.sleep(TICK_S)
            now, waiting = time.perf_counter(), waited_s()
            block_ms = (now - last - TICK_S) * 1000
            self.longest_ms = max(self.longest_ms, block_ms)
            self.longest_own_ms = max(self.longest_own_ms, block_ms - (waiting - waited) * 1000)
            last, waited = now, waiting


def waited_s() -> float:
    """How long this thread has been ready to run without a core, since it began."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


async def flush_for_ever(stage: Stage) -> None:
    while True:
        stage.flush_some()
        await asyncio.sleep(FLUSH_S)


async def keep_for_ever(stage: Stage) -> None:
    """As the engine of a worker does."""
    while True:
        await stage.upkeep.turn(time.monotonic())
        await asyncio.sleep(1.0)


async def measure(stage: Stage) -> dict[str, float]:
    calm, busy = Loop(), Loop()
    flushes = asyncio.ensure_future(flush_for_ever(stage))
    watch = asyncio.ensure_future(calm.watch())
    await asyncio.sleep(CALM_S)
    watch.cancel()
    tasks = [asyncio.ensure_future(work) for work in (busy.watch(), keep_for_ever(stage))]
    began_s = time.monotonic()
    for start in range(0, len(stage.erased), ERASED_PER_FLUSH):
        stage.erase(stage.erased[start : start + ERASED_PER_FLUSH])
        await asyncio.sleep(FLUSH_S / 5)
    erased_s = time.monotonic()
    while stage.store.removed() and time.monotonic() - erased_s < 2 * GONE_WITHIN_S:
        await asyncio.sleep(0.1)
    gone_s = time.monotonic()
    for task in (flushes, *tasks):
        task.cancel()
    return {
        "erasing_s": round(erased_s - began_s, 1),
        "gone_after_last_s": round(gone_s - erased_s, 1),
        "longest_block_ms": round(busy.longest_own_ms, 1),
        "longest_block_before_ms": round(calm.longest_own_ms, 1),
        "with_waits_for_a_core_ms": round(busy.longest_ms, 1),
    }


def main(users: int = 1_000_000, erasures: int = 100_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        erased = np.random.default_rng(3).choice(users, erasures, replace=False).tolist()
        stage = Stage(Path(folder) / "rows", users, erased)
        stage.fill()
        before, files = len(stage.found()), stage.dbs[0].live_files()
        took = asyncio.run(measure(stage))
        result = {
            "users": users,
            "erasures": erasures,
            "store_mib": round(sum(file["size"] for file in files) / 2**20),
            "found_in_files_before": before,
            "found_in_files_after": len(stage.found()),
            **took,
        }
        stage.upkeep.close(0)
    for name, value in result.items():
        print(f"{name:26} {value:>12}")
    print(json.dumps(result))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
