"""Counters of a run in the oracle's terms: from the rows of all lanes, and from ads.outcome.v1 as it is read
by who measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from models.earned.counters import COUNTER_FIELDS, Counters, Window
from models.money import CURRENCIES
from models.row import HEADER
from streams import records as r
from tests.faults.oracle import ANY, Cell, Oracle

Rows = dict[bytes, bytes]
Counts = dict[tuple[Cell, int, int], dict[str, int]]


def check_counters(lanes: Iterable[Rows], outcomes: Iterable[Any], *oracles: Oracle) -> int:
    """Counter rows of all lanes together, and the outcomes sent of them, equal the oracles'. Returns how many
    cells and windows."""
    expected: dict[tuple[Cell, int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for oracle in oracles:
        for where, counts in oracle.counters.items():
            for name, n in counts.items():
                expected[where][name] += n
    wanted, found = nonzero(expected), counters_of(lanes)
    differing = {
        where: (found.get(where), wanted.get(where))
        for where in found.keys() | wanted.keys()
        if found.get(where) != wanted.get(where)
    }
    assert not differing, (
        f"{len(differing)} of {len(wanted)} cells, found and wanted: {list(differing.items())[:5]}"
    )
    told = outcome_counts(outcomes)
    counted = {
        where: kept
        for where, counts in wanted.items()
        if (kept := {n: v for n, v in counts.items() if not n.startswith("micros")})
    }
    untold = {
        where: (told.get(where), counted.get(where))
        for where in told.keys() | counted.keys()
        if told.get(where) != counted.get(where)
    }
    assert not untold, (
        f"{len(untold)} of {len(counted)} outcomes, told and counted: {list(untold.items())[:5]}"
    )
    return len(wanted)


def nonzero(counts: Mapping[tuple[Cell, int, int], Mapping[str, int]]) -> Counts:
    """Without counters that came back to zero."""
    return {
        where: kept for where, each in counts.items() if (kept := {name: n for name, n in each.items() if n})
    }


def counters_of(lanes: Iterable[Rows]) -> Counts:
    """Counter rows in the oracle's terms, summed over lanes."""
    found: dict[tuple[Cell, int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for lane in lanes:
        names = {
            int.from_bytes(key[1:], "big"): msgspec.json.decode(value[HEADER.itemsize :])
            for key, value in lane.items()
            if key[:1] == b"n"
        }
        for key, value in lane.items():
            if key[:1] != b"a":
                continue
            window, counters = Window.of_key(key), Counters.of_bytes(value[HEADER.itemsize :])
            counts = found[tuple(names[window.cell]), window.size_s, window.start_s]
            _add(counts, zip(COUNTER_FIELDS, counters.counts, strict=True))
            _add(counts, ((f"nth{k}", n) for k, n in enumerate(counters.by_exposure)))
            _add(counts, ((f"clicked{k}", n) for k, n in enumerate(counters.clicked_by_exposure)))
            counts["users"] += counters.users[0]
            everywhere = found[(names[window.cell][0], *ANY), window.size_s, window.start_s]
            everywhere["campaign_users"] += counters.users[1]
            _add(counts, ((f"value:{CURRENCIES[c]}", value) for c, (value, _) in counters.money.items()))
            _add(counts, ((f"micros:{CURRENCIES[c]}", cost) for c, (_, cost) in counters.money.items()))
    return nonzero(found)


def outcome_counts(records: Iterable[Any]) -> Counts:
    """ads.outcome.v1 as measure_feedback reads it: per key the highest (generation, flush), summed over
    source partitions."""
    newest: dict[bytes, r.Outcome] = {}
    for record in records:
        outcome = msgspec.json.decode(record.value, type=r.Outcome)
        old = newest.get(record.key)
        if old is None or (outcome.generation, outcome.flush) >= (old.generation, old.flush):
            newest[record.key] = outcome
    found: dict[tuple[Cell, int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in newest.values():
        cell = (each.campaign_id, each.slot, each.arm, each.template_id, each.segment)
        counts = found[cell, each.window_s, each.window // 1000]
        _add(counts, ((name, getattr(each.counts, name)) for name in COUNTER_FIELDS))
        _add(counts, ((f"nth{k}", n) for k, n in enumerate(each.counts.by_exposure)))
        _add(counts, ((f"clicked{k}", n) for k, n in enumerate(each.counts.clicked_by_exposure)))
        counts["users"] += each.counts.users
        everywhere = found[(each.campaign_id, *ANY), each.window_s, each.window // 1000]
        everywhere["campaign_users"] += each.counts.campaign_users
        _add(counts, ((f"value:{currency}", value) for currency, value in each.value_minor.items()))
    return nonzero(found)


def _add(counts: dict[str, int], amounts: Iterable[tuple[str, int]]) -> None:
    for name, amount in amounts:
        counts[name] += amount
