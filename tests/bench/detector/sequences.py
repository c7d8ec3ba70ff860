"""Sequences of real users, cut into what vectors are fitted on, what the threshold is set on and what is
scored, and spliced: the change of interest is that another user's events follow."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import IntArray
from models.interest.threshold.calibration import positives
from models.item import Item
from tests.bench.detector.streams import WITHIN, Stream

COLUMNS: Final = ("user", "item", "ts", "text")
FITTED: Final = 0.55
"""Share of the positives, the earliest, that vectors may be fitted on; later ones are scored."""
FOLDS: Final = 3
OLD: Final = (12, 40)
"""Least and most positives of the old interest."""
YOUNG: Final = (8, 15)
"""The same of a life that is still short."""
NEW: Final = 40
"""Most positives of the new one."""
LONGEST: Final = OLD[1] + NEW
APART_MS: Final = 3_600_000
"""Between two positives of a shuffled life: each is a session of its own."""

Life = IntArray
"""Items of one user's positives."""


class Sequences(NamedTuple):
    """Positives (n,) of users 0.., ordered by user and time; `item` indexes `items`."""

    user: IntArray
    item: IntArray
    ts: IntArray
    items: tuple[Item, ...]


class Fold(NamedTuple):
    """`fitted` (n,) marks positives that vectors may be fitted on: earlier ones, of users that are not
    scored; `held_out` (n,) the later ones of those that are. The lives are of later ones."""

    fitted: NDArray[np.bool_]
    held_out: NDArray[np.bool_]
    calibration: list[Life]
    scored: list[Life]


def read_sequences(path: Path) -> Sequences:
    """A CSV with the columns user, item, ts (ms) and text, perhaps price (minor units), a positive a line.
    Raises SystemExit on any other file."""
    users, items = dict[str, int](), dict[str, Item]()
    rows = list[tuple[int, int, int]]()
    place: dict[str, int] = {}
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if not set(COLUMNS) <= set(reader.fieldnames or ()):
            raise SystemExit(f"{path}: the first line must name the columns {', '.join(COLUMNS)}")
        for line in reader:
            item_id = line["item"]
            price = line.get("price") or ""
            minor = int(price) if price.isdigit() else None
            items.setdefault(item_id, Item(item_id, line["text"], "", "", price_minor=minor))
            number = place.setdefault(item_id, len(place))
            if not line["ts"].isdigit():
                raise SystemExit(
                    f"{path}, line {reader.line_num}: ts must be milliseconds, not {line['ts']!r}"
                )
            rows.append((users.setdefault(line["user"], len(users)), int(line["ts"]), number))
    if not rows:
        raise SystemExit(f"{path}: no line follows the first")
    user, ts, item = np.array(sorted(rows, key=lambda row: row[:2]), np.int64).T
    return Sequences(user, item, ts, tuple(items.values()))


def folds(known: Sequences, rng: np.random.Generator) -> Iterator[Fold]:
    """FOLDS of them: each user is scored in one."""
    part = rng.permutation(known.user.max() + 1)[known.user] % FOLDS
    early = known.ts <= np.quantile(known.ts, FITTED)
    for number in range(FOLDS):
        scored, others = part == number, part != number
        held_out = scored & ~early
        calibration = lives(known, others & ~early, OLD[0])
        yield Fold(others & early, held_out, calibration, lives(known, held_out, 1))


def lives(known: Sequences, of: NDArray[np.bool_], least: int) -> list[Life]:
    """The marked positives, user by user, of users with at least so many."""
    borders = np.flatnonzero(np.diff(known.user[of])) + 1
    return [life for life in np.split(known.item[of], borders) if len(life) >= least]


def shuffled_lives(of: Sequence[Life], rng: np.random.Generator, longest: int = LONGEST) -> list[Life]:
    """Lives without a change of interest: each in random order, cut to `longest`."""
    return [rng.permutation(life)[:longest] for life in of]


def spliced(
    of: Sequence[Life], rng: np.random.Generator, before: tuple[int, int] = OLD, left: int = WITHIN
) -> tuple[list[Life], list[Life], IntArray]:
    """(lives with a splice, the same users without one, first event after it) of users with enough positives:
    `before` is the least and most of the old interest, `left` what their own life has at least after it."""
    changed, same, cuts = list[Life](), list[Life](), list[int]()
    for number, life in enumerate(of):
        if len(life) < before[0] + left:
            continue
        old, other = rng.permutation(life), (number + int(rng.integers(1, len(of)))) % len(of)
        cut = int(rng.integers(before[0], min(before[1], len(life) - left) + 1))
        changed.append(np.concatenate((old[:cut], rng.permutation(of[other])[:NEW])))
        same.append(old[: cut + NEW])
        cuts.append(cut)
    return changed, same, np.array(cuts, np.int64)


def stream_of(of: Sequence[Life], codes: NDArray[np.integer], change: IntArray | None = None) -> Stream:
    """Lives as events, APART_MS between two of a user."""
    lengths = np.array([len(life) for life in of])
    start = np.concatenate(([0], np.cumsum(lengths)))
    item = np.concatenate(of)
    place = np.arange(len(item)) - np.repeat(start[:-1], lengths)
    events = positives(np.repeat(np.arange(len(of)), lengths), codes[item], 1 + (1 + place) * APART_MS)
    events["item"] = item
    return Stream(events, start, np.full(len(of), -1) if change is None else change)
