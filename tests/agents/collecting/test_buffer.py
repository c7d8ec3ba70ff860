"""Events on disk: in order, there after a restart, gone when sent, refused when there is no room."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from rocksdict import Options, Rdict

from agents.collecting.buffer import Event, EventBuffer, KeptNowhereError
from streams.loud_end import RefusedError

MIB = 1024 * 1024


def event(number: int, size: int = 100) -> Event:
    return Event("ads.click.v1", "u1", f"ck_{number}", number, b"v" * size)


def test_what_was_not_sent_is_there_again_in_its_order(tmp_path: Path) -> None:
    buffer = EventBuffer(tmp_path / "b", MIB)
    for number in range(10):
        buffer.put(event(number))
    assert buffer.waiting(3) == [event(0), event(1), event(2)]
    buffer.sent(3)
    left = buffer.bytes
    buffer.close()
    again = EventBuffer(tmp_path / "b", MIB)
    assert (len(again), again.bytes) == (7, left)
    again.put(event(10))
    assert again.waiting(100) == [event(number) for number in range(3, 11)]
    again.sent(8)
    assert (len(again), again.bytes, again.waiting(1)) == (0, 0, [])
    again.close()


def test_without_room_an_event_is_refused_until_some_are_sent(tmp_path: Path) -> None:
    buffer = EventBuffer(tmp_path / "b", 1_000)
    with pytest.raises(KeptNowhereError):
        for number in range(100):
            buffer.put(event(number))
    kept = len(buffer)
    assert 0 < kept < 10 and buffer.bytes <= 1_000
    buffer.sent(1)
    buffer.put(event(kept))
    assert [each.at_ms for each in buffer.waiting(100)] == list(range(1, kept + 1))
    buffer.close()


def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    buffer = EventBuffer(tmp_path / "b", MIB)
    with pytest.raises(RefusedError, match="SHIFTCAST_DATA_DIR"):
        EventBuffer(tmp_path / "b", MIB)
    buffer.close()
    (tmp_path / "file").write_text("")
    with pytest.raises(RefusedError, match="cannot keep events"):
        EventBuffer(tmp_path / "file" / "b", MIB)


def test_nothing_of_what_was_sent_stays_in_the_files(tmp_path: Path) -> None:
    buffer = EventBuffer(tmp_path / "b", MIB)
    buffer.put(Event("ads.click.v1", "a-user-who-leaves", "ck_1", 1, b"v"))
    buffer.tidy()  # it has left the log for a file that is only rewritten as a whole
    assert any(b"a-user-who-leaves" in each.read_bytes() for each in (tmp_path / "b").iterdir())
    buffer.sent(1)
    buffer.tidy()
    buffer.close()
    assert not any(b"a-user-who-leaves" in each.read_bytes() for each in (tmp_path / "b").iterdir())


def test_events_stay_with_the_cluster_that_they_were_taken_for(tmp_path: Path) -> None:
    buffer = EventBuffer(tmp_path / "b", MIB)
    buffer.claim("one", tmp_path)
    buffer.put(event(1))
    buffer.close()
    again = EventBuffer(tmp_path / "b", MIB)
    again.claim("one", tmp_path)
    with pytest.raises(RefusedError, match=r"set KAFKA_BROKER back, or type `export SHIFTCAST_DATA_DIR="):
        again.claim("two", tmp_path)
    assert again.waiting(9) == [event(1)]
    again.sent(1)
    again.close()
    again = EventBuffer(tmp_path / "b", MIB)
    for cluster in ("two", "three"):
        again.claim(cluster, tmp_path)
    again.put(event(2))
    with pytest.raises(RefusedError, match="holds 1 events for cluster three"):
        again.claim("two", tmp_path)
    again.close()


def test_a_start_takes_no_more_memory_the_more_waits(tmp_path: Path) -> None:
    buffer = EventBuffer(tmp_path / "b", 8 * MIB)
    for number in range(100):
        buffer.put(event(number, 40_000))
    kept = buffer.bytes
    buffer.close()
    tracemalloc.start()
    try:
        again = EventBuffer(tmp_path / "b", 8 * MIB)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(again), again.bytes) == (100, kept)
    assert most < MIB < kept
    again.close()


def test_events_of_the_build_before_are_read_and_those_of_a_newer_one_refused(tmp_path: Path) -> None:
    unversioned = bytes.fromhex("95ac6164732e636c69636b2e7631a27531a4636b5f370ac4027b7d")
    for first, value in ((b"", unversioned), (b"\x01", unversioned)):
        db = Rdict(str(tmp_path / "b"), Options(raw_mode=True))
        db.put((7).to_bytes(8), first + value)
        db.close()
        buffer = EventBuffer(tmp_path / "b", MIB)
        assert buffer.waiting(9) == [Event("ads.click.v1", "u1", "ck_7", 10, b"{}")]
        buffer.close()
    db = Rdict(str(tmp_path / "b"), Options(raw_mode=True))
    db.put((8).to_bytes(8), b"\x02what comes")
    db.close()
    with pytest.raises(RefusedError, match=r"a newer build \(version 2\): start that one"):
        EventBuffer(tmp_path / "b", MIB)
