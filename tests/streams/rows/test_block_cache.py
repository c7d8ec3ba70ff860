"""What is looked up in a large file costs a few blocks of it, not its whole index."""

from __future__ import annotations

import random
from pathlib import Path

from streams.rows.rows_on_disk import LaneStore, open_rows

ROWS = 20_000
ROW_BYTES = 4_000
"""A block each, so that the index of one file holds as many keys as that of small rows in a lane of a million
users."""
LOOKS = 200
MOST_READ_BYTES = 40_000
"""For one look: a block of rows, parts of index and filter."""


def read_bytes() -> int:
    """All that this process has read from files so far."""
    return int(Path("/proc/self/io").read_text().split()[1])


def test_a_look_at_a_row_never_reads_the_index_of_a_whole_file(tmp_path: Path) -> None:
    db, random_bytes = open_rows(tmp_path / "rows"), random.Random(1).randbytes
    store = LaneStore(db)
    keys = [b"x" + b"user" * 25 + f"{n:06}".encode() for n in range(ROWS)]  # alike but for their ends
    for at in range(0, ROWS, 1_000):
        store.write([(key, random_bytes(ROW_BYTES)) for key in keys[at : at + 1_000]], at)
    store.rewrite()
    looked_at = keys[:: ROWS // LOOKS]
    before = read_bytes()
    found = [store.get_many([key])[0] for key in looked_at]
    read = (read_bytes() - before) / len(looked_at)
    db.close()
    assert all(value is not None and len(value) == ROW_BYTES for value in found)
    assert read <= MOST_READ_BYTES
