"""What it costs to make a catalogue version from texts and a log of many users, on one core.

    python -m tests.bench.items.bench_refit [--users N] [--items N] [--positives N]

The log is made: each user has two of 200 tastes, each item one, popularity within a taste is Zipf's. Reading
the topics is not in it. CPU time is that of all threads; the last line of the output is JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from typing import Final

import numpy as np

from models.catalog.fitting import FIT_SEED, refitted
from models.catalog.space.basis import text_of
from models.catalog.space.coclicks import Chosen
from models.catalog.space.encoder import fit_encoder
from models.item import Item
from models.world.interests import zipf
from tests.models.small_catalogue import SYLLABLES

TASTES: Final = 200
STRAY: Final = 0.2
"""Share of the positives that follow no taste."""


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


def made_log(rng: np.random.Generator, users: int, items: int, positives: int) -> Chosen:
    """`positives` of each user."""
    user = np.repeat(np.arange(users), positives)
    tastes = rng.integers(0, TASTES, (users, 2))
    taste = tastes[user, rng.integers(0, 2, len(user))]
    stray = rng.random(len(user)) < STRAY
    taste[stray] = rng.integers(0, TASTES, np.count_nonzero(stray))
    ladder = np.cumsum(zipf(items // TASTES))
    rank = np.minimum(np.searchsorted(ladder, rng.random(len(user))), items // TASTES - 1)
    return Chosen(user, taste + TASTES * rank)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time and memory of a refit with co-clicks")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--positives", type=int, default=20, help="of each user")
    asked = parser.parse_args()
    rng = np.random.default_rng(1)
    items = made_items(rng, asked.items)
    chosen = made_log(rng, asked.users, asked.items, asked.positives)
    before = _peak_mib()
    cpu, wall = time.process_time(), time.monotonic()
    encoder = fit_encoder([text_of(item) for item in items], seed=FIT_SEED)
    encoded = time.process_time() - cpu
    made = refitted(items, encoder, categories=False, chosen=chosen)
    figures = {
        "users": asked.users,
        "items": asked.items,
        "positives": len(chosen.item),
        "codes": len(made.code_names),
        "encoder_cpu_s": round(encoded, 1),
        "cpu_minutes": round((time.process_time() - cpu) / 60, 2),
        "wall_minutes": round((time.monotonic() - wall) / 60, 2),
        "peak_mib": _peak_mib(),
        "log_and_items_mib": before,
    }
    for name, value in figures.items():
        print(f"{name:18} {value:>12,}")
    print(json.dumps(figures))


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
