"""What it costs to make a catalogue version from texts and a log of many users, on one core, by the command's
own reader: clicks as bytes are decoded, weighed and collected, then all that `index --refit` makes of them.

    python -m tests.bench.items.bench_refit [--users N] [--items N] [--positives N]

The log is made: each user has two of 200 tastes, each item one, popularity within a taste is Zipf's. What the
broker's client needs to fetch it is not in it, nor making the bytes. CPU time is that of all threads; the
last line of the output is JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from agents.calibration.logged import logged_by
from agents.exposure_log.withdrawn import Withdrawn
from agents.indexing.indexer import in_order, refit
from agents.portraits.activity import PROFILE, ActivityLog
from models.catalog.space.coclicks import OrderedPositives
from models.item import Item
from models.world.interests import zipf
from streams.topics import CLICK
from streams.wire.codecs import WireLimits
from tests.models.small_catalogue import SYLLABLES

TASTES: Final = 200
STRAY: Final = 0.2
"""Share of the positives that follow no taste."""
SLICE: Final = 100_000
"""Records whose bytes are made at a time."""
BEGAN_MS: Final = 1_790_000_000_000
CLICKED: Final = (
    '{"id":"e%d","ts":%d,"user":"u%d","item_id":"%07d","device":{"devicetype":4,"geo":{"country":"DE",'
    '"utcoffset":60}}}'
)


class Record(NamedTuple):
    """As a reader without a group hands it over."""

    topic: str
    key: bytes
    value: bytes
    timestamp: int
    headers: tuple[tuple[str, bytes], ...] = ()


def word(number: int) -> str:
    return "".join(SYLLABLES[number // 16**place % 16] for place in range(4))


def made_items(rng: np.random.Generator, items: int) -> list[Item]:
    """Item n is of taste n % TASTES: three words of the thirty of its taste, two of everybody's."""
    own, common = rng.integers(0, 30, (items, 3)), rng.integers(0, 400, (items, 2))
    return [
        Item(
            f"{n:07d}",
            " ".join([*(word(1_000 + n % TASTES * 30 + w) for w in own[n]), *(word(w) for w in common[n])]),
            "",
            "",
        )
        for n in range(items)
    ]


def made_log(rng: np.random.Generator, users: int, items: int, positives: int) -> OrderedPositives:
    """`positives` of each user."""
    user = np.repeat(np.arange(users), positives)
    tastes = rng.integers(0, TASTES, (users, 2))
    taste = tastes[user, rng.integers(0, 2, len(user))]
    stray = rng.random(len(user)) < STRAY
    taste[stray] = rng.integers(0, TASTES, np.count_nonzero(stray))
    ladder = np.cumsum(zipf(items // TASTES))
    rank = np.minimum(np.searchsorted(ladder, rng.random(len(user))), items // TASTES - 1)
    return OrderedPositives(user, taste + TASTES * rank)


def clicks(chosen: OrderedPositives) -> Iterator[list[Record]]:
    """The log as it stands on the topic, slice by slice, of all users mixed."""
    order = np.random.default_rng(2).permutation(len(chosen.user))
    for start in range(0, len(order), SLICE):
        rows = order[start : start + SLICE]
        yield [
            Record(
                CLICK.name,
                b"u%d" % user,
                (CLICKED % (at, BEGAN_MS + at, user, item)).encode(),
                BEGAN_MS + at,
            )
            for at, user, item in zip(
                rows.tolist(), chosen.user[rows].tolist(), chosen.item[rows].tolist(), strict=True
            )
        ]


def read(log: ActivityLog, chosen: OrderedPositives) -> float:
    """CPU seconds of the reading."""
    limits, spent = WireLimits(), 0.0
    for records in clicks(chosen):
        begun = time.process_time()
        for record in records:
            for said in logged_by(record, limits):
                log.add(*said)
        spent += time.process_time() - begun
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description="Time and memory of a refit with co-clicks")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--positives", type=int, default=20, help="of each user")
    asked = parser.parse_args()
    rng = np.random.default_rng(1)
    items = in_order(made_items(rng, asked.items))
    chosen = made_log(rng, asked.users, asked.items, asked.positives)
    before = _peak_mib()
    log = ActivityLog({item.item_id: row for row, item in enumerate(items)}, True, Withdrawn(PROFILE))
    read_s = read(log, chosen)
    del chosen
    read_mib, cpu = _peak_mib(), time.process_time()
    positives = log.positives()
    records = refit(
        items, None, None, chosen=OrderedPositives(positives.user, positives.item), bought=log.bought()
    )
    fitted_s = time.process_time() - cpu
    figures = {
        "users": log.users(),
        "items": len(items),
        "positives": len(positives.item),
        "records": len(records),
        "read_cpu_minutes": round(read_s / 60, 2),
        "cpu_minutes": round((read_s + fitted_s) / 60, 2),
        "peak_mib": _peak_mib(),
        "read_mib": read_mib,
        "made_log_mib": before,
    }
    for name, value in figures.items():
        print(f"{name:18} {value:>12,}")
    print(json.dumps(figures))


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
