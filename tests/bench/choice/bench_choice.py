"""How well arms are chosen: the choice that serves (models/choice) beside its peers in one simulated world,
and on real arm counts.

    python -m tests.bench.choice.bench_choice [--short] [--seeds N] [--arms FILE]

One campaign and slot with 12 arms; the best and the worst change places half-way; feedback comes 500
impressions late and fades with a half-life of 10,000 impressions, for every policy alike. Each peer plays at
the best point of its printed grid, found on other seeds; ours at the constants of models/choice. Regret =
expected clicks that always showing the best arm would have brought more. Intervals are 95 %, by the bootstrap
over seeds; the ratio is paired by seed, and more seeds narrow it. What the floor of chances costs, whatever
is known of the arms, is printed apart. FILE has the columns test, arm, impressions, clicks. The last line of
the output is JSON.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from models.choice.selection import CONSTANTS, EXPLORED
from tests.bench.choice.policies import Maker, Uniform, has_vowpal_wabbit, peers, serving
from tests.bench.choice.replay import read_arms, replay
from tests.bench.choice.world import EVERY, Floats, Run, World, play

RATES: Final = (0.03, 0.022, 0.0208, 0.0196, 0.0184, 0.0172, 0.016, 0.0148, 0.0136, 0.0124, 0.0112, 0.01)
WORLD: Final = World(RATES, 60_000, 30_000, 500, 10_000)
SHORT: Final = World(RATES, 12_000, 6_000, 500, 4_000)
SEEDS: Final = 20
TUNING_SEEDS: Final = range(100, 130)
FOLLOWED: Final = 0.5
"""A swap is followed when the new best arm has this share of WINDOW impressions."""
WINDOW: Final = 1_000
DELAYS: Final = (0, 1_000)
"""Of feedback on real arms, in impressions."""
_RESAMPLES: Final = 10_000


class Interval(NamedTuple):
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


class Played(NamedTuple):
    """One policy at its best point, on the reported seeds."""

    point: str
    runs: Sequence[Run]

    @property
    def regrets(self) -> Floats:
        return np.array([run.regret for run in self.runs])


def play_all(world: World, maker: Maker, seeds: Sequence[int]) -> list[Run]:
    """One run per seed."""
    return [play(world, maker(len(world.rates), seed), seed) for seed in seeds]


def tuned(
    world: World, grid: Mapping[str, Maker], seeds: Sequence[int], tuning: Sequence[int]
) -> tuple[Played, dict[str, float]]:
    """The point with the least regret on the tuning seeds, played on the others; mean regret of each
    point."""
    found = {
        point: float(np.mean([run.regret for run in play_all(world, maker, tuning)]))
        for point, maker in grid.items()
    }
    best = min(found, key=found.__getitem__)
    return Played(best, play_all(world, grid[best], seeds)), found


def ratio(ours: Floats, other: Floats) -> Interval:
    """Sum of ours over sum of the other's, paired by seed."""
    picks = np.random.default_rng(0).integers(0, len(ours), (_RESAMPLES, len(ours)))
    low, high = np.quantile(ours[picks].sum(axis=1) / other[picks].sum(axis=1), (0.025, 0.975))
    return Interval(float(ours.sum() / other.sum()), float(low), float(high))


def mean(values: Floats) -> Interval:
    """Over seeds."""
    picks = np.random.default_rng(0).integers(0, len(values), (_RESAMPLES, len(values)))
    low, high = np.quantile(values[picks].mean(axis=1), (0.025, 0.975))
    return Interval(float(values.mean()), float(low), float(high))


def followed_after(world: World, best_share: Floats) -> float:
    """Impressions after the swap until the new best arm has FOLLOWED of the last WINDOW; inf = never."""
    after = best_share[world.swap // EVERY :]
    window = WINDOW // EVERY
    held = np.convolve(after, np.full(window, 1 / window), "valid") >= FOLLOWED
    return float((np.argmax(held) + window) * EVERY) if held.any() else float("inf")


def shares_apart(runs: Sequence[Run]) -> float:
    """Largest difference, over arms and seeds, between the share of choices and the mean logged P(arm)."""
    return float(max(np.abs(run.shares - run.logged).max() for run in runs))


def floor_regret(world: World) -> float:
    """Clicks that the uniform share of choices costs, however well the arms are known."""
    return EXPLORED * world.impressions * (max(world.rates) - float(np.mean(world.rates)))


def reported_seeds(n: int) -> list[int]:
    """The first `n` that no peer was tuned on."""
    return [seed for seed in range(n + len(TUNING_SEEDS)) if seed not in TUNING_SEEDS][:n]


def measure(world: World, seeds: Sequence[int], tuning: Sequence[int]) -> dict[str, Any]:
    """Everything in one world."""
    ours = Played("constants", play_all(world, serving(world.half_life), seeds))
    others = {"uniform": Played("", play_all(world, Uniform, seeds))}
    grids: dict[str, dict[str, float]] = {}
    for name, grid in peers().items():
        others[name], grids[name] = tuned(world, grid, seeds, tuning)
    best = min(others, key=lambda name: others[name].regrets.sum())
    return {
        "ours": ours,
        "others": others,
        "grids": grids,
        "best_peer": best,
        "ratio": ratio(ours.regrets, others[best].regrets),
        "followed": followed_after(world, np.mean([run.best_share for run in ours.runs], axis=0)),
        "followed_by_seed": [followed_after(world, run.best_share) for run in ours.runs],
        "shares_apart": shares_apart(ours.runs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Choice of arms beside its peers")
    parser.add_argument("--short", action="store_true", help="12,000 impressions of 4 seeds instead")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"how many are played ({SEEDS})")
    parser.add_argument("--arms", type=Path, help="real arm counts to play again (CSV)")
    arguments = parser.parse_args()
    world = SHORT if arguments.short else WORLD
    seeds, tuning = reported_seeds(arguments.seeds), TUNING_SEEDS
    if arguments.short:
        seeds, tuning = seeds[:4], tuning[:2]
    tests = read_arms(arguments.arms) if arguments.arms else {}
    found = measure(world, seeds, tuning)
    _print(world, seeds, tuning, found)
    figures: dict[str, Any] = {
        "regret_ratio_to_best_peer": round(found["ratio"].value, 3),
        "regret_ratio_upper": round(found["ratio"].high, 3),
        "best_peer": found["best_peer"],
        "floor_regret": round(floor_regret(world), 1),
        "followed_swap_after": found["followed"] if np.isfinite(found["followed"]) else None,
        "shares_apart": round(found["shares_apart"], 4),
        "arms_over_uniform": None,
    }
    for delay in DELAYS if tests else ():
        done = replay(tests, delay, seed=0)
        late = f"feedback {delay:,} late" if delay else "feedback at once"
        print(
            f"{len(tests)} real tests, {late}: {done.over_uniform:+.1%} clicks over uniform, "
            f"{done.headroom:.0%} of the headroom (the best arm alone: {done.best / done.uniform - 1:+.1%})"
        )
        if delay == 0:
            figures["arms_over_uniform"] = round(done.over_uniform, 4)
        else:
            figures["arms_over_uniform_late"] = round(done.over_uniform, 4)
    print(json.dumps(figures))


def _print(world: World, seeds: Sequence[int], tuning: Sequence[int], found: Mapping[str, Any]) -> None:
    rates = ", ".join(f"{100 * rate:g}" for rate in world.rates)
    print(
        f"simulated world: {len(world.rates)} arms with click rates of {rates} %, {world.impressions:,} "
        f"impressions; best and worst arm change places after {world.swap:,}; feedback {world.delay:,} "
        f"impressions late, looked at every {EVERY}, half-life {world.half_life:,.0f} impressions"
    )
    print(f"{len(seeds)} seeds; peers tuned on {len(tuning)} others; ours: {CONSTANTS}")
    for name, grid in found["grids"].items():
        print(f"  {name}: " + ", ".join(f"{point}: {regret:.0f}" for point, regret in grid.items()))
    if not has_vowpal_wabbit():
        print("  Vowpal Wabbit: not installed here, left out (pip install vowpalwabbit)")
    print(f"{'policy':>16}  {'regret, clicks':<28}  {'ours / this':<22}  swap followed after")
    for name, played in {"ours": found["ours"], **found["others"]}.items():
        after = followed_after(world, np.mean([run.best_share for run in played.runs], axis=0))
        against = ratio(found["ours"].regrets, played.regrets)
        print(f"{name:>16}  {mean(played.regrets)!s:<28}  {against!s:<22}  {after:,.0f}  {played.point}")
    floor, ours = floor_regret(world), float(found["ours"].regrets.mean())
    print(
        f"of ours the floor of {EXPLORED:.0%} costs {floor:.1f} clicks, {floor / ours:.1%} of the regret, "
        "whatever is known of the arms"
    )
    by_seed = np.array(found["followed_by_seed"])
    print(
        f"swap followed in {np.isfinite(by_seed).sum()} of {len(by_seed)} seeds one by one, median "
        f"{np.median(by_seed):,.0f}; observed shares and logged chances differ by at most "
        f"{100 * found['shares_apart']:.2f} points"
    )


if __name__ == "__main__":
    main()
