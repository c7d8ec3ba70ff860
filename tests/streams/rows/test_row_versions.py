"""Rows of every version are read as today's, wherever they are read; what this build does not know ends the
worker before it changes anything."""

from __future__ import annotations

import asyncio

import msgspec
import numpy as np
import pytest

from models.row import HEADER, Earlier, RowLayout
from streams.lane.memory import LANE_ROW, LaneState
from streams.loud_end import RefusedError
from streams.rows.sparse_rows import packed_rows
from tests.streams.lane.dict_store import DictStore, LaneOfOne
from tests.streams.lane.test_lane import World, event, through
from tests.streams.worker.toy_worker import Tally, layout_of

FIRST = np.dtype([*HEADER.descr, ("value", "<i4"), ("spare", "u1", (4,))])
SECOND = np.dtype([*HEADER.descr, ("value", "<i8")])  # as long as the first
THIRD = np.dtype([*HEADER.descr, ("value", "<i8"), ("more", "<i8", (2,))])
FENCE = np.zeros(1, HEADER)[0]


def widened(rows: np.ndarray) -> np.ndarray:
    raised = np.zeros(len(rows), SECOND)
    for name in (*HEADER.names, "value"):  # type: ignore[misc]
        raised[name] = rows[name]
    return raised


def doubled(rows: np.ndarray) -> np.ndarray:
    raised = np.zeros(len(rows), THIRD)
    for name in SECOND.names:  # type: ignore[union-attr]
        raised[name] = rows[name]
    raised["more"] = 2 * rows["value"][:, None]
    return raised


LAYOUTS = {
    "p": RowLayout("profile", THIRD, (Earlier(FIRST, widened), Earlier(SECOND, doubled))),
    "n": RowLayout("note", before=(Earlier(None, bytes.upper), Earlier(None, lambda old: old + b"!"))),
}


def row(dtype: np.dtype[np.void], version: int, value: int) -> bytes:
    rows = np.zeros(1, dtype)
    rows["version"], rows["kind"], rows["value"], rows["fence"] = version, ord("p"), value, 9 + value
    return packed_rows(rows)[0]


def header_of(kind: str, version: int) -> bytes:
    header = FENCE.copy()
    header["version"], header["kind"] = version, ord(kind)
    return bytes(header.tobytes())


def note(version: int, payload: bytes) -> bytes:
    return header_of("n", version) + payload


def lane_of_all_versions() -> LaneOfOne:
    store = DictStore()
    for version, dtype in enumerate((FIRST, SECOND, THIRD), 1):
        store.rows[b"p%d" % version] = row(dtype, version, version)
        store.rows[b"n%d" % version] = note(version, b"note")
    return LaneOfOne(LAYOUTS, store=store)


def test_rows_of_all_versions_are_loaded_together() -> None:
    lane = lane_of_all_versions()
    before = dict(lane.store.rows)
    _, rows = lane.view().rows([b"1", b"2", b"3", b"none"])
    assert rows["p"]["version"].tolist() == [3, 3, 3, 0]
    assert rows["p"]["value"].tolist() == [1, 2, 3, 0]
    assert rows["p"]["fence"][:, 7].tolist() == [10, 11, 12, 0]
    assert rows["p"]["more"].tolist() == [[2, 2], [4, 4], [0, 0], [0, 0]]
    assert [lane.view().get(b"n%d" % n) for n in (1, 2, 3)] == [b"NOTE!", b"note!", b"note"]
    assert lane.flush(FENCE) == [] and lane.store.rows == before, "reading writes nothing"


def test_scans_read_rows_of_all_versions() -> None:
    view = lane_of_all_versions().view()
    found = np.frombuffer(b"".join([value for _, value in view.scan(b"p")]), THIRD)
    assert found["version"].tolist() == [3, 3, 3] and found["more"][:, 0].tolist() == [2, 4, 0]
    assert [value for _, value in view.scan(b"n")] == [b"NOTE!", b"note!", b"note"]


def test_a_changed_row_is_written_in_todays_version() -> None:
    lane = lane_of_all_versions()

    view = lane.view()
    _, rows = view.rows([b"1"])
    rows["p"]["value"] += 40
    view.mark("p", np.ones(1, np.bool_))
    view.put(b"n1", b"new")
    view.commit()
    lane.flush(FENCE)
    assert lane.store.rows[b"p1"][0] == lane.store.rows[b"n1"][0] == 3
    _, rows = LaneOfOne(LAYOUTS, store=lane.store).view().rows([b"1"])
    assert (rows["p"]["value"].tolist(), rows["p"]["more"].tolist()) == ([41], [[2, 2]])


def test_a_size_that_a_version_never_had_is_damage() -> None:
    lane = lane_of_all_versions()
    lane.store.rows[b"p1"] = row(THIRD, 1, 5)
    with pytest.raises(RefusedError, match=r"partition 3 .* kind p: .*version 1 has 96\. Remove the data"):
        lane.view().rows([b"1"])


@pytest.mark.parametrize("kind", ["p", "n"])
def test_a_newer_version_is_refused_wherever_it_is_read(kind: str) -> None:
    lane = lane_of_all_versions()
    lane.store.rows[b"p2"], lane.store.rows[b"n2"] = row(THIRD, 4, 5), note(4, b"later")
    reads = {"p": lambda view: view.rows([b"2"]), "n": lambda view: view.get(b"n2")}
    for read in (reads[kind], lambda view: list(view.scan(kind.encode()))):
        with pytest.raises(RefusedError, match=f"kind {kind}: .*version 4; this build knows up to 3"):
            read(lane.view())


def test_payloads_are_deflated_where_that_is_shorter() -> None:
    layouts = {"n": RowLayout("note", deflated=True), "m": RowLayout("mark")}
    lane, long = LaneOfOne(layouts), b"the same again " * 20
    for key, payload in ((b"n1", long), (b"n2", b"x"), (b"m1", long)):
        lane.visit(lambda view, key=key, payload=payload: view.put(key, payload))  # type: ignore[misc]
    sizes = {key: len(value or b"") - HEADER.itemsize for key, value in lane.flush(FENCE)}
    assert sizes[b"n1"] < 60 and sizes[b"n2"] == 1 and sizes[b"m1"] == len(long)
    view = LaneOfOne(layouts, store=lane.store).view()
    assert [view.get(key) for key in (b"n1", b"n2", b"m1")] == [long, b"x", long]
    assert [value for _, value in view.scan(b"n")] == [long, b"x"]
    lane.store.rows[b"n1"] = lane.store.rows[b"n1"][:-9]
    with pytest.raises(RefusedError, match=r"kind n: .*Remove the data folder"):
        LaneOfOne(layouts, store=lane.store).view().get(b"n1")


def test_a_kind_without_a_layout_is_not_written() -> None:
    with pytest.raises(ValueError, match="no layout"):
        lane_of_all_versions().view().put(b"zkey", b"value")


def lane_row(payload: object, version: int = 3) -> bytes:
    return header_of(LANE_ROW.decode(), version) + msgspec.msgpack.encode(payload)


def newer_tally() -> Tally:
    workload = Tally(["one", "two", "out"])
    workload.layouts = {**workload.layouts, "t": layout_of(2)}  # type: ignore[misc]
    return workload


def test_a_lane_says_which_versions_are_in_it_and_the_build_before_refuses_it_whole() -> None:
    world = World()
    asyncio.run(through(world.lane(), event("one", 0, (b"u", b"1"))))
    asyncio.run(through(world.lane(newer_tally()), event("one", 1, (b"u", b"5"))))
    assert world.store.rows[b"tu"][0] == 2 and tallied(world) == [2, 0], "version 1 was raised"
    before, steps = dict(world.store.rows), list(world.steps)
    with pytest.raises(RefusedError) as refused:
        world.lane()
    line = str(refused.value)
    assert "partition 0 holds a row of kind t: version 2; this build knows up to 1" in line
    assert "make setup" in line and "\n" not in line
    assert world.store.rows == before and world.steps == steps


def tallied(world: World) -> list[int]:
    return LaneOfOne({"t": layout_of(2)}, store=world.store).view().rows([b"u"])[1]["t"]["count"][0].tolist()


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        (lane_row({"flush": 3, "generation": 1, "versions": {"t": 1, "z": 1}}), "kind z: .*no such kind"),
        (lane_row({"flush": 3}, version=4), "kind l: version 4; this build knows up to 3"),
    ],
)
def test_a_lane_row_of_a_newer_build_is_refused(stored: bytes, says: str) -> None:
    world = World()
    world.store.rows[LANE_ROW] = stored
    with pytest.raises(RefusedError, match=says):
        world.lane()


def test_a_lane_row_of_the_first_version_keeps_its_flush() -> None:
    world = World()
    world.store.rows[LANE_ROW] = lane_row({"flush": 41, "generation": 7}, version=1)
    lane = world.lane()
    assert lane.memory.state == LaneState(41, 7)
    asyncio.run(through(lane, event("one", 0, (b"u", b"1"))))
    assert world.lane().memory.state == LaneState(42, 8, {"t": 1, "n": 1, "l": 3})
