"""How often the item of a creative is one that its user really takes later, beside showing everybody what
most users took.

    python -m tests.bench.items.bench_items --sequences FILE.csv [--tuning] [--seed N]

Sequences as bench_detector takes them (CSV user, item, ts, text). Lives of real users are spliced: at the
first shift that is found, an item is chosen, and a hit is one that the new user takes after that moment.
Vectors and popularity come from earlier months and other users; constants were chosen with --tuning, whose
users are not among those measured. Chances are those that would be logged: a hit counts with its chance. The
last line of the output is JSON.

What users take by themselves is measured apart (tests/bench/items/unexposed.py), as it is used: where the
catalogue knows nothing but texts.

A second table is of first creatives: started from the portrait of the group that a user resembles, whose
users are not among those measured either, and started empty.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import IntArray
from models.catalog.complements import Bought, fit_complements
from models.catalog.fitting import CLUSTERED, FIT_SEED, refitted
from models.catalog.popularity import popularity_of, takers_of
from models.catalog.space.basis import item_text_of
from models.catalog.space.coclicks import OrderedPositives
from models.catalog.space.encoder import fit_encoder
from models.catalog.version import Catalog
from models.click.quality import Quality
from models.interest.threshold.calibration import fit_kernel, fit_prior
from tests.bench.detector.sequences import FITTED, Life, Sequences, lives, read_sequences
from tests.bench.items.choosers import (
    Chooser,
    best_complement,
    hit_ratio,
    most_viewed,
    nearest_varied,
    popular_near,
    production,
)
from tests.bench.items.first_items import Hits, first_hits, lives_with_hours, portraits_of_positives
from tests.bench.items.moments import Moment, moments
from tests.bench.items.unexposed import Learnt, learn, print_quality, unfitted

HALVES: Final = 2
THRESHOLD: Final = 9.5
"""Of the trigger; about five false ones per 1,000 positives on the shop's orders."""
MOST_VIEWED: Final = "most viewed overall"
OURS: Final = "what generators do"
BEFORE: Final = "nearest, varied, softmax at 0.1"
UNFITTED: Final = "texts alone"
TAUGHT: Final = "texts and behaviour"
UNCROSSED: Final = "the same without complements"
ASKED: Final = ("searches", 4)
"""When a lane first asks for a creative for somebody of whom no item is known."""


class Part(NamedTuple):
    """`fitted` (n,) marks the positives to learn from, `later` those of other users, afterwards; `scored` are
    their lives."""

    fitted: NDArray[np.bool_]
    later: NDArray[np.bool_]
    scored: list[Life]


class Shares(NamedTuple):
    """Share of creatives that are hits."""

    first: float  # of first creatives
    shift: float  # of those after a shift


def parts(known: Sequences, tuning: bool, seed: int) -> Iterator[Part]:
    """Each half of the users is fitted on once; half of the others tune, and half are held out."""
    place = np.random.default_rng(seed).permutation(known.user.max() + 1)[known.user]
    early = known.ts <= np.quantile(known.ts, FITTED)
    for half in range(HALVES):
        others = (place % HALVES != half) & (place // HALVES % 2 == (not tuning))
        yield Part((place % HALVES == half) & early, others & ~early, lives(known, others & ~early, 1))


class Measured(NamedTuple):
    """`shares`: each way's, means over the halves; `shifts` found; of each half `first_items` and how good
    the models of behaviour are (`unexposed`)."""

    shares: dict[str, Shares]
    shifts: int
    first_items: list[dict[tuple[str, int], Hits]]
    unexposed: list[dict[str, Quality]]


def measure(known: Sequences, tuning: bool, seed: int, coclicks: bool) -> Measured:
    """All of it."""
    found: list[dict[str, Shares]] = []
    first_items: list[dict[tuple[str, int], Hits]] = []
    shifts, unexposed = 0, list[dict[str, Quality]]()
    for part in parts(known, tuning, seed):
        catalog, counts = learnt(known, part.fitted, coclicks)
        one = moments_of(part, catalog, seed)
        portraits = portraits_of_positives(known, part.fitted, catalog)
        first_items.append(first_hits(lives_with_hours(known, part.later), catalog, portraits))
        shifts += sum(not each.first for each in one)
        cold = unfitted(learnt(known, part.fitted, False)[0])
        behaviour = learn(known, cold, part.fitted, part.later)
        unexposed.append(behaviour.quality)
        found.append(
            shares_of(ways(catalog, counts), one)
            | shares_of(cold_ways(cold, behaviour), moments_of(part, cold, seed))
        )
    shares = {name: Shares(*np.mean([each[name] for each in found], axis=0)) for name in found[0]}
    return Measured(shares, shifts, first_items, unexposed)


def item_hit_ratio(known: Sequences, seed: int) -> float:
    """Of what generators do after a shift, over showing everybody what most users took."""
    found = []
    for part in parts(known, False, seed):
        catalog, counts = learnt(known, part.fitted, True)
        asked = {name: way for name, way in ways(catalog, counts).items() if name in (OURS, MOST_VIEWED)}
        found.append(shares_of(asked, moments_of(part, catalog, seed)))
    ours, usual = (np.mean([each[name].shift for each in found]) for name in (OURS, MOST_VIEWED))
    return float(ours / usual)


def moments_of(part: Part, catalog: Catalog, seed: int) -> list[Moment]:
    """Those of the lives that are scored."""
    settings = CLUSTERED._replace(threshold=THRESHOLD)
    return moments(part.scored, catalog.arrays(), settings, np.random.default_rng(seed))


def shares_of(ways: dict[str, Chooser], of: Sequence[Moment]) -> dict[str, Shares]:
    """Of each way."""
    first, shift = [each for each in of if each.first], [each for each in of if not each.first]
    return {name: Shares(hit_ratio(way, first), hit_ratio(way, shift)) for name, way in ways.items()}


def cold_ways(cold: Catalog, behaviour: Learnt) -> dict[str, Chooser]:
    """By name: of a catalogue that knows nothing but texts, without and with what behaviour teaches."""
    taught = {
        f"{TAUGHT}, {loss}": production(cold, takes=opinion) for loss, opinion in behaviour.opinions.items()
    }
    return {UNFITTED: production(cold)} | taught


def ways(catalog: Catalog, counts: IntArray) -> dict[str, Chooser]:
    """By name."""
    return {
        MOST_VIEWED: most_viewed(counts),
        BEFORE: nearest_varied(catalog),
        OURS: production(catalog),
        "the same without popularity": production(catalog, popular=False),
        "the same by what is spent at once": production(catalog, spending=True),
        UNCROSSED: production(catalog, crossed=False),
        "best complement of what was taken": best_complement(catalog),
        "served + .3 log popularity, best": popular_near(catalog, counts, 0.3, since=False),
        "mean since the change + the same": popular_near(catalog, counts, 0.3, since=True),
    }


def learnt(known: Sequences, fitted: NDArray[np.bool_], coclicks: bool) -> tuple[Catalog, IntArray]:
    """What the positives teach: the catalogue with its prior and kernel, and how popular each item is."""
    encoder = fit_encoder([item_text_of(item) for item in known.items], seed=FIT_SEED)
    chosen = OrderedPositives(known.user[fitted], known.item[fitted])
    catalog = refitted(known.items, encoder, None, False, chosen if coclicks else None)
    code = catalog.codes[known.item[fitted]].astype(np.int64)
    bought = Bought(known.user[fitted], known.item[fitted], known.ts[fitted])
    sold = fit_complements(bought, known.items)
    counts = takers_of(chosen, len(known.items))
    return (
        replace(
            catalog,
            pi=fit_prior(code),
            kernel=fit_kernel(known.user[fitted], code),
            popularity=popularity_of(counts),
            complements=sold.rows,
            complement_shares=sold.shares,
        ),
        counts,
    )


def print_shares(shares: dict[str, Shares], shifts: int) -> None:
    """A table."""
    print(
        f"{'share of creatives whose item is taken later':46} {'first':>6} {'shift':>6}   ({shifts} shifts)"
    )
    for name, each in shares.items():
        print(f"{name:46} {each.first:6.3f} {each.shift:6.3f}")


def pooled(halves: Sequence[dict[tuple[str, int], Hits]]) -> dict[tuple[str, int], Hits]:
    """Over all users."""
    return {known: _together([each[known] for each in halves]) for known in halves[0]}


def _together(hits: Sequence[Hits]) -> Hits:
    users = [each.users for each in hits]
    portrait, empty = np.average([each[:2] for each in hits], axis=0, weights=users)
    return Hits(float(portrait), float(empty), sum(users))


def print_first_items(first: dict[tuple[str, int], Hits]) -> None:
    """A table."""
    print(f"\n{'first creative, by what is known of the user':46} {'portrait':>8} {'empty':>6}")
    for (kind, count), hits in first.items():
        print(f"{f'{count} {kind}':46} {hits.portrait:8.3f} {hits.empty:6.3f}   ({hits.users} users)")


def figures(shares: dict[str, Shares], first: dict[tuple[str, int], Hits]) -> dict[str, Any]:
    """Of the last line."""
    return {
        "first_item": {
            **{name: round(getattr(first[ASKED], name), 4) for name in ("portrait", "empty")},
            **{
                f"{kind}_{count}": [round(hits.portrait, 4), round(hits.empty, 4), hits.users]
                for (kind, count), hits in first.items()
            },
        },
        "item_hit_ratio": round(shares[OURS].shift / shares[MOST_VIEWED].shift, 4),
        "behaviour_over_texts": round(shares[f"{TAUGHT}, log loss"].shift / shares[UNFITTED].shift, 4),
        "over_uncrossed": round(shares[OURS].shift / shares[UNCROSSED].shift, 4),
        "over_before": round(shares[OURS].shift / shares[BEFORE].shift, 4),
        "before_hit_ratio": round(shares[BEFORE].shift / shares[MOST_VIEWED].shift, 4),
        "shares": {name: [round(share, 4) for share in each] for name, each in shares.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="How often the item of a creative is the right one")
    parser.add_argument("--sequences", type=Path, metavar="FILE.csv", required=True)
    parser.add_argument("--tuning", action="store_true", help="the users that constants are chosen on")
    parser.add_argument("--text", action="store_true", help="vectors of texts alone")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    known = read_sequences(arguments.sequences)
    found = measure(known, arguments.tuning, arguments.seed, not arguments.text)
    first = pooled(found.first_items)
    print_shares(found.shares, found.shifts)
    print_quality(found.unexposed)
    print_first_items(first)
    print(json.dumps(figures(found.shares, first)))


if __name__ == "__main__":
    main()
