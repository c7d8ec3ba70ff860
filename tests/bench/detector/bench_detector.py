"""How well and how fast the trigger works: BF-scan, through production's kernel, beside a cosine threshold at
the same false rate.

    python -m tests.bench.detector.bench_detector [--short] [--seed N] [--sequences FILE]

The world is models/world/interests.py (simulated: real sequences win by less). Recall = share of shifts with
a trigger within 20 positives, net = less what the same users fire there without a shift. FILE, a CSV
of user, item, ts (ms) and text, holds positives of real users: interests are spliced of two of them
(tests/bench/detector/sequences.py; retail.py beside it makes such a file of a real shop's orders). With a
column price (minor units) changes in price alone are made of them too. The last line of the output is JSON.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from models.interest.profile import PROFILE
from models.world.interests import LONGEST_LIFE, Shift
from tests.bench.detector.errands import ERRAND, Waited
from tests.bench.detector.real import Figures, measure_sequences, measure_waits
from tests.bench.detector.sequences import NEW, read_sequences
from tests.bench.detector.simulated import measure
from tests.bench.detector.streams import TARGET, Score
from tests.bench.items.bench_items import item_hit_ratio


def print_table(scan: dict[Shift, Score], chance: dict[Shift, float], cosine: dict[Shift, Score]) -> None:
    heading = f"{'recall@20':>10} {'delay':>6} {'/1000':>6}"
    print(f"{'':10} {'BF-scan':>24} {'net':>7}   {'cosine':>24}\n{'shift':10} {heading} {'':7}   {heading}")
    for shift in Shift:
        ours, usual = (
            f"{one.recall:10.3f} {one.median_delay:6.0f} {one.false_per_1000:6.2f}"
            for one in (scan[shift], cosine[shift])
        )
        print(f"{shift:10} {ours} {scan[shift].recall - chance[shift]:7.3f}   {usual}")


def print_simulated(result: dict[str, Any]) -> None:
    print(f"threshold {result['threshold']:.2f}, set on users who do not shift; scored on fresh users")
    print_table(result["scan"], result["chance"], result["cosine"])
    known = (
        f"threshold {result['calibrated_threshold']:.2f}, {result['calibrated_false_per_1000']:.2f} per "
        "1,000 on held-out users"
    )
    print(f"calibrate --target {TARGET:g} on a mixed log: {known}")
    shares = ", ".join(f"{name} {share:.0%}" for name, share in result["returning"].items())
    print(f"third and later triggers answered by a past regime: {shares}")
    cost = f"{result['us_per_event']:.2f} us/event at batch 500, {result['us_per_event_32']:.2f} at 32"
    print(f"profile + detector + (de)serialise: {cost}")
    print_waits(result["waits"])


def print_waits(waits: list[Waited]) -> None:
    """What a shift that one session shows gains and loses by waiting."""
    for one in waits:
        print(
            f"confirmed by {one.positives:2} positives or a later session: {one.taken:.3f} of errands taken "
            f"for shifts ({one.chance:.3f} by chance), recall@20 {one.recall:.3f}, "
            f"delay {one.median_delay:.1f}"
        )


def simulated_figures(result: dict[str, Any]) -> dict[str, float]:
    scan, cosine = result["scan"], result["cosine"]
    return {
        "recall_20_abrupt": scan[Shift.ABRUPT].recall,
        "recall_20_net": scan[Shift.ABRUPT].recall - result["chance"][Shift.ABRUPT],
        "cosine_recall_20_abrupt": cosine[Shift.ABRUPT].recall,
        "false_per_1000": scan[Shift.NONE].false_per_1000,
        "cosine_false_per_1000": cosine[Shift.NONE].false_per_1000,
        "median_delay": min(scan[Shift.ABRUPT].median_delay, LONGEST_LIFE),
        "recall_20_partial": scan[Shift.PARTIAL].recall,
        "recall_20_gradual": scan[Shift.GRADUAL].recall,
        "burst_fired": scan[Shift.BURST].recall,
        "calibrated_false_per_1000": result["calibrated_false_per_1000"],
        "us_per_event": result["us_per_event"],
        "us_per_event_32": result["us_per_event_32"],
        "record_bytes": PROFILE.itemsize,
        "errands_taken": result["waits"][0].taken,
    }


def print_sequences(path: Path, by_way: dict[str, Figures]) -> None:
    print(
        f"\n{path.name}: splices of two users, vectors of earlier positives and other users than are scored"
    )
    print(
        f"{'vectors':12} {'recall@20':>10} {'net':>7} {'/1000':>6} {'in order':>8} {'delay':>6} "
        f"{'threshold':>10} {'codes':>6} {'price@20':>9} {'nearer':>7} {'young@20':>9} {'/1000':>6}"
    )
    for way, one in by_way.items():
        print(
            f"{way:12} {one.recall_20:10.3f} {one.net:7.3f} {one.false_per_1000:6.2f} "
            f"{one.in_order:8.2f} {one.median_delay:6.1f} {one.threshold:10.2f} {one.codes:6.1f} "
            f"{one.price_20:9.3f} {one.near_price_20:7.3f} {one.young_20:9.3f} {one.young_per_1000:6.2f}"
        )


def sequence_figures(by_way: dict[str, Figures]) -> dict[str, Any]:
    """The way that a catalogue is made in, the last, and each of the others under its name."""
    told = {
        way: {
            "recall_20": round(one.recall_20, 4),
            "net": round(one.net, 4),
            "false_per_1000": round(one.false_per_1000, 4),
            "in_order_per_1000": round(one.in_order, 4),
            "median_delay": round(min(one.median_delay, NEW), 2),
            **({} if np.isnan(one.price_20) else prices_of(one)),
            "young_20": round(one.young_20, 4),
            "young_per_1000": round(one.young_per_1000, 4),
        }
        for way, one in by_way.items()
    }
    return {**list(told.values())[-1], **told}


def prices_of(one: Figures) -> dict[str, float]:
    return {"price_20": round(one.price_20, 4), "near_price_20": round(one.near_price_20, 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description="Recall, delay and cost of the interest-shift trigger")
    parser.add_argument("--short", action="store_true", help="800 users per class instead of 4,000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sequences", type=Path, metavar="FILE.csv", help="positives of real users too")
    arguments = parser.parse_args()
    users = 800 if arguments.short else 4_000
    known = None if arguments.sequences is None else read_sequences(arguments.sequences)

    print(f"simulated world, {users} users per class, seed {arguments.seed}, record {PROFILE.itemsize} B")
    result = measure(users, arguments.seed)
    print_simulated(result)
    figures: dict[str, Any] = {name: round(value, 4) for name, value in simulated_figures(result).items()}
    if known is not None:
        by_way = measure_sequences(known, arguments.seed)
        print_sequences(arguments.sequences, by_way)
        figures["sequences"] = sequence_figures(by_way)
        figures["item_hit_ratio"] = round(item_hit_ratio(known, arguments.seed), 4)
        print(f"items after a shift: {figures['item_hit_ratio']:.2f} times as often taken as the most viewed")
        print(f"the last, in sessions of {ERRAND}:")
        print_waits(measure_waits(known, arguments.seed))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
