"""A new market's catalogue, started from another's and started cold.

    python -m tests.bench.items.bench_transfer --sequences FILE.csv [--seed N]

Sequences as bench_detector takes them. The items are split at random into those of an old market and those
of a new one, and the users too, so that the markets share no item, no user and no positive. The old one has
a log: its vectors, interests, kernel and popularity are fitted on it. The new one has item texts alone when
it begins: cold, its vectors and clusters come from these texts; started, from the old catalogue (`shiftcast
index --from`). Both are measured on what the users of the new market do, spliced as in bench_detector and
bench_items. Means over SPLITS splits. The last line of the output is JSON.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.catalog.fitting import CLUSTERED, FIT_SEED, refitted
from models.catalog.popularity import popularity_of_log
from models.catalog.space.basis import item_text_of
from models.catalog.space.coclicks import OrderedPositives
from models.catalog.space.encoder import fit_encoder, restored
from models.catalog.transfer import transferred
from models.catalog.version import Catalog
from models.interest.threshold.calibration import HIGHEST, LOWEST, fit_kernel, fit_prior
from tests.bench.detector.sequences import (
    OLD,
    Life,
    Sequences,
    lives,
    read_sequences,
    shuffled_lives,
    spliced,
    stream_of,
)
from tests.bench.detector.streams import TARGET, least_threshold, scan_triggers, score
from tests.bench.items.bench_items import THRESHOLD
from tests.bench.items.choosers import hit_ratio, production
from tests.bench.items.moments import moments

SPLITS: Final = 3


class Figures(NamedTuple):
    """`recall`: shifts found within 20 at TARGET false triggers per 1,000, the threshold set on other users
    of the new market; `net`: less what the same users fire by chance. Share of creatives whose item is taken
    later: of `first` ones, and after a `shift`."""

    recall: float
    net: float
    first: float
    shift: float


def markets(known: Sequences, rng: np.random.Generator) -> tuple[Sequences, Sequences]:
    """(old, new): halves of the users and of the items."""
    new_user = rng.random(known.user.max() + 1) < 0.5
    new_item = rng.random(len(known.items)) < 0.5
    return (
        _only(known, ~new_user[known.user] & ~new_item[known.item]),
        _only(known, new_user[known.user] & new_item[known.item]),
    )


def _only(known: Sequences, kept: NDArray[np.bool_]) -> Sequences:
    rows, item = np.unique(known.item[kept], return_inverse=True)
    user = np.unique(known.user[kept], return_inverse=True)[1]
    items = tuple(known.items[row] for row in rows.tolist())
    return Sequences(user.astype(np.int64), item.astype(np.int64), known.ts[kept], items)


def learnt(market: Sequences) -> Catalog:
    """What the old market knows: as `index --refit` and `calibrate` leave it."""
    encoder = fit_encoder([item_text_of(item) for item in market.items], seed=FIT_SEED)
    chosen = OrderedPositives(market.user, market.item)
    catalog = refitted(market.items, encoder, None, False, chosen)
    code = catalog.codes[market.item].astype(np.int64)
    return replace(
        catalog,
        pi=fit_prior(code),
        kernel=fit_kernel(market.user, code),
        popularity=popularity_of_log(catalog, chosen, None),
    )


def cold(market: Sequences) -> Catalog:
    """Texts alone."""
    encoder = fit_encoder([item_text_of(item) for item in market.items], seed=FIT_SEED)
    return refitted(market.items, encoder, None, False)


def started(market: Sequences, old: Catalog) -> Catalog:
    """From the old market."""
    return transferred(market.items, old, restored(old.basis.weights), {})


def figures_of(catalog: Catalog, market: Sequences, seed: int) -> Figures:
    """On the users of the new market: half of them set the threshold, the others are scored."""
    rng = np.random.default_rng(seed)
    quiet = rng.random(market.user.max() + 1) < 0.5
    arrays = catalog.arrays()
    calm = stream_of(shuffled_lives(lives(market, quiet[market.user], OLD[0]), rng), arrays.codes)
    threshold = least_threshold(
        lambda one, h: scan_triggers(one, arrays, CLUSTERED._replace(threshold=h)),
        calm,
        LOWEST,
        HIGHEST,
        TARGET,
    )
    scored: list[Life] = lives(market, ~quiet[market.user], 1)
    changed, same, cuts = spliced(scored, rng)
    settings = CLUSTERED._replace(threshold=threshold)
    found, chance = (
        score(scan_triggers(one, arrays, settings), one).recall
        for one in (stream_of(of, arrays.codes, cuts) for of in (changed, same))
    )
    asked = moments(scored, arrays, CLUSTERED._replace(threshold=THRESHOLD), np.random.default_rng(seed))
    choose = production(catalog)
    first, shift = (
        hit_ratio(choose, [each for each in asked if bool(each.first) == which]) for which in (True, False)
    )
    return Figures(found, found - chance, first, shift)


def measure(known: Sequences, seed: int) -> dict[str, Figures]:
    """Both ways, means over the splits."""
    found: dict[str, list[Figures]] = {"started": [], "cold": []}
    for split in range(SPLITS):
        old, new = markets(known, np.random.default_rng((seed, split)))
        found["started"].append(figures_of(started(new, learnt(old)), new, seed))
        found["cold"].append(figures_of(cold(new), new, seed))
    return {name: Figures(*np.mean(each, axis=0)) for name, each in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="A new market started from another's catalogue")
    parser.add_argument("--sequences", type=Path, metavar="FILE.csv", required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    found = measure(read_sequences(arguments.sequences), arguments.seed)
    print(f"{'new market':12} {'recall':>7} {'net':>7} {'first':>7} {'shift':>7}")
    for name, each in found.items():
        print(f"{name:12} {' '.join(f'{figure:7.3f}' for figure in each)}")
    print(json.dumps({"transfer": {name: each._asdict() for name, each in found.items()}}))


if __name__ == "__main__":
    main()
