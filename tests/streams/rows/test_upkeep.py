"""Removed rows leave the files in rounds, after a restart too, and no round delays the end of a store."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.rows.rows_on_disk import LaneStore, open_rows
from streams.rows.upkeep import LEAST_REST_S, MOST_REST_S, PERSIST_S, Upkeep

SECRET_BYTES = 24
USERS = 9_000
"""More than any queue in memory was ever long."""


class Rows:
    """Open stores by partition, and what works on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dbs: dict[int, Any] = {}
        self.upkeep = Upkeep(self.dbs)

    def open(self, partition: int) -> LaneStore:
        self.dbs[partition] = open_rows(self.folder / str(partition))
        return LaneStore(self.dbs[partition])

    def in_files(self, secrets: dict[bytes, bytes]) -> int:
        """How many of these values stand in any file, hidden or not."""
        blob = b"".join(file.read_bytes() for file in self.folder.rglob("*") if file.is_file())
        return sum(secret in blob for secret in secrets.values())

    def entries(self) -> tuple[int, int]:
        """What the files of all stores hold, hidden values too; and removals that wait in them."""
        files = [file for db in self.dbs.values() for file in db.live_files()]
        return sum(file["num_entries"] for file in files), sum(file["num_deletions"] for file in files)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Rows]:
    made = Rows(tmp_path)
    yield made
    for partition in list(made.dbs):
        made.upkeep.close(partition)


def secrets(n: int) -> dict[bytes, bytes]:
    rng = random.Random(5)
    return {b"p%06d" % i: rng.randbytes(SECRET_BYTES) for i in range(n)}


def turn(rows: Rows, now_s: float | None = None) -> None:
    asyncio.run(rows.upkeep.turn(time.monotonic() if now_s is None else now_s))


def test_every_removed_row_of_a_person_leaves_the_files(rows: Rows) -> None:
    """A removal alone only hides what older files hold, and thousands may wait."""
    store, said = rows.open(0), secrets(USERS)
    store.write(said.items(), 1)
    store.persist()
    gone = {key: said[key] for key in list(said)[::2]}
    store.write([(key, None) for key in gone], 2)
    store.persist()
    assert rows.entries() == (USERS + len(gone) + 5, len(gone))
    assert rows.in_files(gone) > 4_096, "blocks are compressed: a few stand in two pieces"
    turn(rows)
    assert rows.in_files(gone) == 0
    assert store.removed() == b""
    assert rows.entries()[1] == 0
    assert store.get_many([b"p000000", b"p000001"]) == [None, said[b"p000001"]]


def test_what_waits_outlives_the_process(rows: Rows) -> None:
    store, said = rows.open(0), secrets(100)
    store.write(said.items(), 1)
    store.persist()
    store.write([(key, None) for key in said], 2)
    rows.upkeep.close(0)
    assert rows.in_files(said)
    rows.open(0)
    turn(rows)
    assert rows.in_files(said) == 0


def test_no_file_names_a_user_that_is_gone(rows: Rows) -> None:
    """The list of the files names the first and the last key of each."""
    store, users = rows.open(0), [b"p-first-of-all", b"p-last-of-all"]
    for offset in range(10):
        store.write([(key, b"1") for key in users], offset)
        store.persist()
    store.write([(key, None) for key in users], 10)
    turn(rows)
    assert rows.in_files({key: key for key in users}) == 0


def test_a_removal_during_a_round_waits_for_the_next(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    store, said = rows.open(0), secrets(10)
    store.write(said.items(), 1)
    store.write([(b"p000001", None)], 2)
    rewrite = LaneStore.rewrite

    def meanwhile(each: LaneStore) -> None:
        rewrite(each)
        each.write([(b"p000002", None)], 3)

    monkeypatch.setattr(LaneStore, "rewrite", meanwhile)
    now_s = time.monotonic()
    turn(rows, now_s)
    assert store.removed() != b""
    monkeypatch.setattr(LaneStore, "rewrite", rewrite)
    turn(rows, now_s + LEAST_REST_S / 2)
    assert store.removed() != b"", "it rests after a round"
    turn(rows, now_s + 2 * MOST_REST_S)
    assert store.removed() == b""
    assert rows.entries()[1] == 0


def test_rounds_run_in_a_thread_and_other_kinds_begin_none(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    monkeypatch.setattr(LaneStore, "rewrite", lambda _: threads.append(threading.get_ident()))
    store = rows.open(0)
    store.write([(b"a1", b"1"), (b"o1", b"1")], 1)
    store.write([(b"a1", None), (b"o1", None)], 2)
    turn(rows)
    assert threads == []
    store.write([(b"x1", None)], 3)
    turn(rows)
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


def test_a_store_is_closed_in_the_middle_of_a_round(rows: Rows) -> None:
    """A lane that is given up must be free for its next owner; nothing that was written is missing."""
    store = rows.open(0)
    said = secrets(50_000)
    store.write(said.items(), 1)
    store.write([(key, None) for key in list(said)[::2]], 2)

    async def story() -> None:
        round_ = asyncio.ensure_future(rows.upkeep.turn(time.monotonic()))
        await asyncio.sleep(0)  # it has begun
        rows.upkeep.close(0)
        await round_

    asyncio.run(story())
    store = rows.open(0)
    assert store.offset() == 2
    assert store.get_many(list(said)) == [value if i % 2 else None for i, value in enumerate(said.values())]


def test_memory_goes_to_files_from_time_to_time(rows: Rows) -> None:
    """Without a log of its own a quiet lane would fall back by days."""
    rows.open(0).write([(b"pa", b"1")], 7)
    begun_s = time.monotonic()
    turn(rows, begun_s)
    assert not list(rows.folder.rglob("*.sst"))
    turn(rows, begun_s + PERSIST_S)
    assert list(rows.folder.rglob("*.sst"))
