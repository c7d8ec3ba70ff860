"""Positive events in columns say what the same events in a list say, in less memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.calibration.columns import PositiveColumns
from agents.calibration.visits import SESSION_MS, Logged, in_sessions

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(("ann", "bob", "cid", "dora")),
        st.integers(0, 12),  # number of the event
        st.integers(0, 5).map(lambda n: n * SESSION_MS // 2),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=40,
)


def listed(events: list[tuple[str, int, int, int, bool]]) -> list[list[int]]:
    """One after the other, as a person would."""
    once, seen = [], set()
    for user, number, ts, item, sold in events:
        if user != "dora" and (user, number, item) not in seen:
            seen.add((user, number, item))
            once.append((user, ts, item, sold))
    rows: list[list[int]] = []
    users = sorted({user for user, *_ in once})
    for place, name in enumerate(users):
        session, newest, clicked = 0, None, dict[int, list[int]]()
        for _, ts, item, sold in sorted((e for e in once if e[0] == name), key=lambda event: event[1]):
            if newest is not None and ts - newest > SESSION_MS:
                session, clicked = session + 1, {}
            newest = ts
            if sold and item in clicked:
                clicked[item][-1] = 1
                continue
            rows.append([place, session, item, ts, int(sold)])
            if not sold:
                clicked[item] = rows[-1]
    return rows


def columns_of(events: list[tuple[str, int, int, int, bool]]) -> PositiveColumns:
    columns = PositiveColumns()
    for user, number, ts, item, sold in events:
        columns.append(user, f"e{number}", ts, item, sold)
    return columns


def agreed(name: str) -> bool:
    return name != "dora"


@given(EVENTS)
def test_sessions_are_those_of_the_events_one_after_the_other(
    events: list[tuple[str, int, int, int, bool]],
) -> None:
    columns = columns_of(events)
    assert np.stack(in_sessions(columns.read(agreed)), axis=1).tolist() == listed(events)
    assert columns.names(agreed) == sorted({user for user, *_ in events} - {"dora"})


@given(EVENTS)
def test_who_is_forgotten_was_never_there(events: list[tuple[str, int, int, int, bool]]) -> None:
    columns, fewer = columns_of(events), columns_of([e for e in events if e[0] in ("ann", "dora")])
    columns.keep(lambda name: name in ("ann", "dora"))
    columns.append("bob", "new", 7, 1, False)
    fewer.append("bob", "new", 7, 1, False)
    assert len(columns) == len(fewer) and columns.held("ann") == fewer.held("ann")
    for ours, theirs in zip(columns.read(agreed), fewer.read(agreed), strict=True):
        assert ours.tolist() == theirs.tolist()


def test_an_event_takes_tens_of_bytes_not_hundreds() -> None:
    tracemalloc.start()
    columns = columns_of([(f"u{n % 100}", n, n, n % 7, False) for n in range(20_000)])
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    logged: Logged = in_sessions(columns.read(agreed))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(logged.user) == 20_000
    assert held < 40 * 20_000 and peak - held < 250 * 20_000
