"""`make bench-attribution`: caps and attribution of simulated users against a batch computation over their
whole logs. Ends with a table and one JSON line; fails where what is promised is not so."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from models.arrays import Rows
from models.earned.attribution import Known, known
from models.earned.caps import UNSURE, shown_count
from models.earned.counters import Field, cell_of
from models.earned.exposures import CAMPAIGN_SHIFT, EXPOSURES, IS_LIVE, add_live
from models.earned.joins import JoinTally, join_events, know_creative
from models.event.consent import ALL_PURPOSES, KIND_X, open_row
from models.event.fill import event_id
from models.event.layout import EventKind, EventSource, Status, empty_events
from models.row import EXPOSURES_VERSION
from tests.bench.earned.attribution_log import CAMPAIGNS, LATE_SHARE, Happened, users
from tests.bench.earned.attribution_truth import CLICK_S, NOBODY, VIEW_S, Truth, counted, truth_of

CELLS: Final = [cell_of((f"c{k}", "native", "none", "t1", "none")) for k in range(len(CAMPAIGNS))]
UNATTRIBUTED: Final = cell_of(("none", "none", "unattributed", "none", "none"))
BITS: Final = [cell >> CAMPAIGN_SHIFT for cell in CELLS]
OF_CELL: Final = {UNATTRIBUTED: NOBODY} | {cell: k for k, cell in enumerate(CELLS)}
KINDS: Final = {
    "impression": (EventKind.IMPRESSION, EventSource.IMPRESSION),
    "click": (EventKind.CLICK, EventSource.CLICK),
    "conversion": (EventKind.CONVERSION, EventSource.CONVERSION),
}
ID: Final = 1 << 40
"""Ids as hashes would be: none is 0 in its low half, and topics do not share them."""


def rules() -> Known:
    """The campaigns as the profile agent hands them to the joins."""
    caps = [
        (BITS[k], cap.n, cap.per_s or 0, cap.creative)
        for k, each in enumerate(CAMPAIGNS)
        for cap in each.caps
    ]
    windows = {
        BITS[k]: (
            CLICK_S if each.click_s is None else each.click_s,
            VIEW_S if each.view_s is None else each.view_s,
        )
        for k, each in enumerate(CAMPAIGNS)
    }
    return known({}, caps, windows, (CLICK_S, VIEW_S))


class Row:
    """One user's row x and what its joins put out."""

    def __init__(self, ref: Known) -> None:
        self.x, self.ref, self.deltas = np.zeros(1, EXPOSURES), ref, list[Rows]()
        open_row(self.x[0], KIND_X, EXPOSURES_VERSION)
        self.tally = np.zeros(len(JoinTally._fields), np.int64)
        self.capped: set[int] = set()  # ids of impressions

    def apply(self, log: Sequence[Happened]) -> None:
        """Records in the order they arrive."""
        start = 0
        for at, each in enumerate(log):
            if each.kind == "publish":
                self._join(log[start:at])
                self._publish(each)
                start = at + 1
        self._join(log[start:])

    def _publish(self, each: Happened) -> None:
        assert each.campaign is not None
        cell = CELLS[each.campaign]
        add_live(self.x[0], np.uint64(each.creative), np.uint64(cell), 1 << 31, 1)
        self.deltas.append(know_creative(self.x, 0, each.creative, cell, EventSource.CREATIVE, 0, self.ref))

    def _join(self, log: Sequence[Happened]) -> None:
        if not log:
            return
        events = events_of(log)
        deltas, capped, _, tally = join_events(self.x, events, 0, len(events), self.ref)
        self.deltas.append(deltas)
        self.capped |= {log[i].id for i in capped.tolist()}
        self.tally += tally

    def truth(self) -> Truth:
        """What was counted, in the batch computation's terms."""
        found = Truth(Counter(), Counter(), Counter(), Counter())
        for d in np.concatenate(self.deltas):
            campaign, sign = OF_CELL[int(d["cell"])], int(d["sign"])
            if d["field"] == Field.CLICKS:
                found.clicks[campaign] += sign
            elif d["field"] == Field.INVALID_CLICKS:
                found.invalid[campaign] += sign
            elif d["field"] == Field.CONVERSIONS:
                found.conversions[campaign] += sign
                found.money[campaign] += int(d["value"])
        return found


def events_of(log: Sequence[Happened]) -> Rows:
    """Records as the codec would hand them over."""
    events = empty_events(len(log))
    events["status"], events["purposes"] = Status.APPLIED, ALL_PURPOSES
    for name, values in (
        ("kind", [KINDS[e.kind][0] for e in log]),
        ("source", [KINDS[e.kind][1] for e in log]),
        ("ts", [e.ts * 1000 for e in log]),
        ("id", [event_id(KINDS[e.kind][1], ID + e.id) for e in log]),
        ("imp", [_named(e) for e in log]),
        ("creative", [e.creative for e in log]),
        ("cell", [_cell(e) for e in log]),
        ("order", [e.order for e in log]),
        ("value_minor", [e.value for e in log]),
        ("currency", [int(e.kind == "conversion") for e in log]),
    ):
        events[name] = np.array(values, events.dtype[name])
    return events


def _named(each: Happened) -> int:
    if each.kind == "impression":
        return ID + each.id
    if each.click:
        return event_id(EventSource.CLICK, ID + each.click)
    return ID + each.imp if each.imp else 0


def _cell(each: Happened) -> int:
    if each.kind != "impression":
        return UNATTRIBUTED
    return 0 if each.campaign is None else CELLS[each.campaign]


@dataclass
class Found:
    """Everything the comparison counts."""

    events: int = 0
    users: int = 0
    impressions: int = 0
    foreign: int = 0
    late: int = 0
    returns: int = 0
    users_evicted: int = 0
    users_uncounted: int = 0
    wrong_users: int = 0  # without evictions, whose clicks, conversions or money differ
    money_minor: int = 0
    money_of_evicted_minor: int = 0
    misplaced_of_evicted_minor: int = 0
    caps_asked: int = 0
    caps_wrong: int = 0
    caps_closed: int = 0  # not known for certain, so reached
    withdrawals: int = 0
    withdrawals_wrong: int = 0
    join_ns_per_event: float = 0.0


def compare(n: int, seed: int, late_share: float = LATE_SHARE) -> Found:
    """Simulate `n` records and compare."""
    found, ref, spent_ns = Found(), rules(), 0
    for log in users(n, seed, late_share):
        row, began = Row(ref), time.perf_counter_ns()
        row.apply(log)
        spent_ns += time.perf_counter_ns() - began
        _describe(found, log)
        _compare_money(found, row, truth_of(log))
        _compare_caps(found, row, log)
    found.join_ns_per_event = round(spent_ns / found.events, 1)
    return found


def _describe(found: Found, log: Sequence[Happened]) -> None:
    found.users += 1
    found.events += len(log)
    impressions = [each for each in log if each.kind == "impression"]
    found.impressions += len(impressions)
    found.foreign += sum(not each.creative and each.campaign is None for each in impressions)
    found.late += sum(before.ts > each.ts for before, each in pairwise(log))
    found.returns += sum(each.value < 0 for each in log)


def _compare_money(found: Found, row: Row, truth: Truth) -> None:
    said = row.truth()
    moved = sum(map(abs, truth.money.values()))
    found.money_minor += moved
    if row.tally[JoinTally._fields.index("evicted")]:
        found.users_evicted += 1
        found.money_of_evicted_minor += moved
        apart = {*truth.money, *said.money}
        found.misplaced_of_evicted_minor += sum(abs(truth.money[k] - said.money[k]) for k in apart) // 2
    else:
        found.wrong_users += any(
            +mine != +true or -mine != -true
            for mine, true in zip(vars(said).values(), vars(truth).values(), strict=True)
        )


def _compare_caps(found: Found, row: Row, log: Sequence[Happened]) -> None:
    """Counts as they are in the end, and each withdrawal at the time."""
    found.users_uncounted += bool(row.tally[JoinTally._fields.index("uncounted")])
    now = max(each.ts for each in log)
    for campaign, creative, cap in _asked(row):
        true = counted(log, now, campaign, creative, cap)
        said = _count(row, now, campaign, creative, cap)
        found.caps_asked += 1
        if said == UNSURE:
            found.caps_closed += 1
        else:
            found.caps_wrong += min(said, cap.n) != min(true, cap.n)
    if not row.tally[JoinTally._fields.index("uncounted")]:
        for each, reached in _withdrawn(log):
            found.withdrawals += reached
            found.withdrawals_wrong += (each.id in row.capped) != reached


def _asked(row: Row) -> Iterator[tuple[int, int, Any]]:
    live = {int(creative): OF_CELL[int(cell)] for creative, cell in _live(row)}
    for k, campaign in enumerate(CAMPAIGNS):
        for cap in campaign.caps:
            if not cap.creative:
                yield k, 0, cap
            yield from ((k, c, cap) for c, of in live.items() if cap.creative and of == k)


def _live(row: Row) -> list[tuple[int, int]]:
    n = int(row.x["n_live"][0])
    assert all(row.x["live_state"][0, :n] == IS_LIVE)
    return list(zip(row.x["live_creative"][0, :n], row.x["live_cell"][0, :n], strict=True))


def _count(row: Row, now: int, campaign: int, creative: int, cap: Any) -> int:
    bits = np.uint64(BITS[campaign])
    return int(shown_count(row.x[0], np.uint64(creative), bits, now, cap.per_s or 0, cap.creative))


def _withdrawn(log: Sequence[Happened]) -> Iterator[tuple[Happened, bool]]:
    """Impressions of live creatives that came in their order, and whether one reached a cap."""
    live: dict[int, int] = {}
    newest = 0
    for at, each in enumerate(log):
        if each.kind == "publish":
            assert each.campaign is not None
            live[each.creative] = each.campaign
        elif each.kind == "impression" and each.ts > newest and each.creative in live:
            campaign, so_far = live[each.creative], log[: at + 1]
            yield (
                each,
                any(
                    counted(so_far, each.ts, campaign, each.creative, cap) >= cap.n
                    for cap in CAMPAIGNS[campaign].caps
                ),
            )
        if each.kind == "impression":
            newest = max(newest, each.ts)


def exact(found: Found) -> bool:
    """What is promised."""
    return found.wrong_users == found.caps_wrong == found.withdrawals_wrong == 0


def report(found: Found) -> Table:
    """The table."""
    table = Table("figure", "measured", "promised")
    evicted, of_them = found.users_evicted / found.users, found.misplaced_of_evicted_minor
    for name, measured, promised in (
        ("events", f"{found.events:,} of {found.users:,} users", ""),
        ("foreign impressions", f"{found.foreign / found.impressions:.1%} of {found.impressions:,}", ""),
        ("late records, returns", f"{found.late:,}, {found.returns:,}", ""),
        ("users without evictions whose counts or money differ", str(found.wrong_users), "0"),
        ("users with evictions", f"{evicted:.2%}", ""),
        ("their money", f"{found.money_of_evicted_minor / found.money_minor:.2%} of all", ""),
        ("of it in another place", f"{of_them / max(found.money_of_evicted_minor, 1):.3%}", ""),
        ("counts towards caps that differ", f"{found.caps_wrong} of {found.caps_asked:,}", "0"),
        ("... that are closed for want of room", f"{found.caps_closed:,}", ""),
        ("withdrawals that differ", f"{found.withdrawals_wrong} of {found.withdrawals:,}", "0"),
        ("ns per event, its columns made one user at a time", f"{found.join_ns_per_event:,.0f}", ""),
    ):
        table.add_row(name, measured, promised)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--late", type=float, default=LATE_SHARE, help="share of records that arrive late")
    asked = parser.parse_args()
    found = compare(asked.events, asked.seed, asked.late)
    Console(width=110).print(report(found))
    print(json.dumps(asdict(found)))
    raise SystemExit(not exact(found))


if __name__ == "__main__":
    main()
