"""Arena and working copy: whatever is evicted, flushed or dropped, rows are what was committed last."""

from __future__ import annotations

import random
from functools import partial

import numpy as np
import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from models.row import HEADER, RowLayout
from streams.lane.arena import LEAST_USERS, RECORD_BYTES, ArenaFullError, slot_bytes, users_per_lane
from streams.lane.variable_rows import VariableRows
from streams.lane.working_copy import WorkingCopy
from tests.streams.lane.dict_store import LaneOfOne

BIG = np.dtype([*HEADER.descr, ("value", "<i8"), ("rest", "u1", (33,))])
SMALL = np.dtype([*HEADER.descr, ("value", "<i8")])
KINDS = {"p": RowLayout("big", BIG), "x": RowLayout("small", SMALL), "n": RowLayout("notes")}
FENCE = np.zeros(1, HEADER)[0]
BATCH_HEAD_BYTES = 61


def add(lane: LaneOfOne, kind: str, keys: list[bytes], values: list[int] | int) -> None:
    """Add each value to its key's row, as a workload would."""

    def apply(view: WorkingCopy) -> None:
        index, rows = view.rows(keys)
        np.add.at(rows[kind]["value"], index, values)
        rows[kind]["version"][index] = 1
        changed = np.zeros(len(rows[kind]), np.bool_)
        changed[index] = True
        view.mark(kind, changed)

    lane.visit(apply)


def value(lane: LaneOfOne, kind: str, key: bytes) -> int:
    return int(lane.view().rows([key])[1][kind]["value"][0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_rows_survive_evictions_and_flushes(seed: int) -> None:
    rng = random.Random(seed)
    lane, truth = (
        LaneOfOne(KINDS, capacity=24),
        dict.fromkeys(((k, b"u%d" % i) for k in "px" for i in range(60)), 0),
    )
    for _ in range(80):
        kind = rng.choice("px")
        keys = [b"u%d" % rng.randrange(60) for _ in range(rng.randrange(1, 12))]
        if lane.arena.room() < 12 or rng.random() < 0.2:
            lane.flush(FENCE)
        values = [rng.randrange(100) for _ in keys]
        add(lane, kind, keys, values)
        for key, plus in zip(keys, values, strict=True):
            truth[kind, key] += plus
    assert lane.arena.evictions > 0
    lane.flush(FENCE)
    for (kind, key), want in truth.items():
        assert value(lane, kind, key) == want


def test_a_view_that_is_dropped_leaves_no_trace() -> None:
    lane = LaneOfOne(KINDS)
    add(lane, "p", [b"a"], [5])
    view = lane.view()
    _, rows = view.rows([b"a", b"b"])
    rows["p"]["value"] += 100
    view.mark("p", np.ones(2, np.bool_))
    view.put(b"nfoo", b"lost")
    assert value(lane, "p", b"a") == 5
    assert lane.view().get(b"nfoo") is None


def test_only_marked_rows_are_written_and_deleted_rows_become_tombstones() -> None:
    lane = LaneOfOne(KINDS)
    add(lane, "p", [b"a", b"b"], [1, 2])
    add(lane, "x", [b"a"], [3])
    assert {key for key, _ in lane.flush(FENCE)} == {b"pa", b"pb", b"xa"}

    def drop(view: WorkingCopy) -> None:
        index, _ = view.rows([b"b", b"a"])
        view.delete("p", int(index[1]))

    lane.visit(drop)
    assert lane.flush(FENCE) == [(b"pa", None)]
    assert sorted(lane.store.rows) == [b"pb", b"xa"]


def test_changed_rows_are_never_evicted() -> None:
    lane = LaneOfOne(KINDS, capacity=8)
    add(lane, "p", [b"u%d" % i for i in range(8)], [1] * 8)
    assert lane.arena.room() == 0
    with pytest.raises(ArenaFullError):
        lane.view().rows([b"another"])


def test_scan_sees_pending_changes_in_key_order() -> None:
    lane = LaneOfOne(KINDS)
    for key in (b"n1", b"n3", b"n5"):
        lane.visit(partial(WorkingCopy.put, key=key, value=b"old"))
    lane.flush(FENCE)

    def change(view: WorkingCopy) -> None:
        view.put(b"n3", None)
        view.put(b"n2", b"new")
        assert list(view.scan(b"n")) == [(b"n1", b"old"), (b"n2", b"new"), (b"n5", b"old")]
        assert list(view.scan(b"n", after=b"n2")) == [(b"n5", b"old")]

    lane.visit(change)
    add(lane, "x", [b"z", b"y"], [1, 2])
    assert [key for key, _ in lane.view().scan(b"x")] == [b"xy", b"xz"]


def test_variable_rows_carry_the_lanes_fence() -> None:
    lane = LaneOfOne(KINDS)
    fence = np.zeros(1, HEADER)[0]
    fence["fence"][2] = 41
    lane.visit(lambda view: view.put(b"nkey", b"payload"))
    ((key, stored),) = lane.flush(fence)
    assert key == b"nkey"
    assert stored is not None
    header = np.frombuffer(stored[: HEADER.itemsize], HEADER)[0]
    assert header["fence"][2] == 41
    assert chr(header["kind"]) == "n"
    assert lane.view().get(b"nkey") == b"payload"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_changed_bytes_are_what_a_record_batch_takes(seed: int) -> None:
    rng = random.Random(seed)
    lane = LaneOfOne(KINDS)
    for _ in range(rng.randrange(1, 20)):
        add(
            lane,
            rng.choice("px"),
            [b"u" * rng.randrange(1, 129) for _ in range(rng.randrange(1, 30))],
            rng.choice([0, 255, 2**40]),
        )
        key = b"n" + b"k" * rng.randrange(1, 200)
        lane.visit(
            partial(WorkingCopy.put, key=key, value=rng.choice([None, b"", b"v" * rng.randrange(5_000)]))
        )
    counted = lane.arena.dirty_bytes + lane.variable.pending_bytes
    batch = BatchBuilder(1 << 23, 0)
    rows = [*lane.arena.dirty(), *lane.variable.dirty(FENCE)]
    for row_key, row in rows:
        assert batch.append(timestamp=None, key=row_key, value=row) is not None
    assert counted - RECORD_BYTES * len(rows) <= batch.size() <= counted + BATCH_HEAD_BYTES
    assert lane.arena.room() == lane.arena.capacity - len({key[1:] for key, _ in lane.arena.dirty()})
    lane.flush(FENCE)
    assert lane.arena.room() == lane.arena.capacity


def test_lanes_share_the_arena_of_their_worker_and_each_has_enough() -> None:
    kinds = {"p": BIG, "x": SMALL}
    one = users_per_lane(1 << 28, kinds, 1)
    assert one == (1 << 28) // slot_bytes(kinds)
    assert users_per_lane(1 << 28, kinds, 24) == one // 24
    assert users_per_lane(1 << 20, kinds, 24) == LEAST_USERS


def test_many_payloads_are_those_that_one_by_one_are_read() -> None:
    lane = LaneOfOne(KINDS)
    keys = [b"n%d" % i for i in range(6)]

    def keep(view: WorkingCopy) -> None:
        for key in keys[:4]:
            view.put(key, key * 2)

    lane.visit(keep)
    lane.flush(FENCE)
    lane.variable = VariableRows(lane.store, lane.versions)
    lane.visit(lambda view: view.put(keys[1], b"pending"))

    def look(view: WorkingCopy) -> None:
        view.put(keys[2], None)
        view.put(keys[5], b"put")
        many = view.get_many([*keys, keys[0]])
        assert many == [keys[0] * 2, b"pending", None, keys[3] * 2, None, b"put", keys[0] * 2]
        assert many[:6] == [view.get(key) for key in keys]

    lane.visit(look)
