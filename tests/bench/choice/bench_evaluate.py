"""Off-policy estimates against truth: how often 95 % intervals cover it in synthetic worlds, and on the Open
Bandit data (ZOZO, men's campaign) each policy valued from the other's log.

    python -m tests.bench.choice.bench_evaluate [--runs N] [--seed N]

A synthetic world: 5 contexts, 10 arms, 10,000 rounds of 4,000 users whose rates differ, logged by a softmax
policy with a uniform share of 10 %. The candidate is a softmax the other way round. The data are read from
shared/data/open-bandit or $SHIFTCAST_DATA/open-bandit. The last line of the output is JSON.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.offpolicy.choice_log import FOLDS, ChoiceLog, Doubles, choice_log
from models.offpolicy.estimators import Estimate, PolicyValue, value_policy
from models.offpolicy.policies import mean_rewards, stated_policy, uniform_policy

CONTEXTS: Final = 5
ARMS: Final = 10
ROUNDS: Final = 10_000
USERS: Final = 4_000
EXPLORED: Final = 0.1
ESTIMATORS: Final = ("ips", "snips", "dr")


def draw_world(rng: np.random.Generator) -> tuple[ChoiceLog, Doubles, float]:
    """(log, candidate policy, its true mean reward)."""
    rates = rng.uniform(0.02, 0.15, (CONTEXTS, ARMS))
    logged, candidate = _softmax(rng, EXPLORED), _softmax(rng, 0.0)
    user = rng.integers(0, USERS, ROUNDS)
    liking = rng.gamma(4.0, 0.25, USERS)  # mean 1: a user's own factor, which neither policy knows
    context = rng.integers(0, CONTEXTS, ROUNDS)
    arm = (logged[context].cumsum(axis=1) < rng.random((ROUNDS, 1))).sum(axis=1).clip(max=ARMS - 1)
    reward = rng.random(ROUNDS) < rates[context, arm] * liking[user]
    log = choice_log(
        [str(each) for each in context], [str(each) for each in arm], reward.astype(np.float64),
        logged[context, arm], user,
    )  # fmt: skip
    truth = float((candidate * rates).sum(axis=1).mean())
    return log, np.tile(candidate, (FOLDS, 1)), truth


def _softmax(rng: np.random.Generator, explored: float) -> Doubles:
    powers = np.exp(rng.normal(0.0, 1.0, (CONTEXTS, ARMS)))
    return np.asarray(explored / ARMS + (1 - explored) * powers / powers.sum(axis=1, keepdims=True))


def coverage(rng: np.random.Generator, runs: int) -> dict[str, dict[str, float]]:
    """By estimator: share of worlds whose truth lies in the interval, mean relative error, mean width."""
    found: dict[str, list[tuple[bool, float, float]]] = {name: [] for name in ESTIMATORS}
    for _ in range(runs):
        log, table, truth = draw_world(rng)
        valued = value_policy(log, table, mean_rewards(log))
        for name in ESTIMATORS:
            each: Estimate = getattr(valued, name)
            error = abs(each.value - truth) / truth
            found[name].append((each.lo <= truth <= each.hi, error, each.hi - each.lo))
    return {
        name: {
            "coverage": round(float(np.mean([c for c, _, _ in rows])), 4),
            "relative_error": round(float(np.mean([e for _, e, _ in rows])), 4),
            "width": round(float(np.mean([w for _, _, w in rows])), 5),
        }
        for name, rows in found.items()
    }


def read_open_bandit(folder: Path, policy: str) -> ChoiceLog:
    """Context = position, arm = item, reward = click; each round is its own unit: the data name no user."""
    with gzip.open(folder / f"men-{policy}.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    return choice_log(
        [row["position"] for row in rows], [row["item_id"] for row in rows],
        np.array([float(row["click"]) for row in rows]),
        np.array([float(row["propensity_score"]) for row in rows]), np.arange(len(rows)),
    )  # fmt: skip


def shares_of(log: ChoiceLog) -> dict[str, dict[str, float]]:
    """How often each arm was drawn per context: the policy behind a log, as far as contexts say."""
    counts = np.zeros((len(log.contexts), len(log.arms)))
    np.add.at(counts, (log.context, log.arm), 1)
    shares = counts / counts.sum(axis=1, keepdims=True)
    return {
        context: dict(zip(log.arms, shares[row].tolist(), strict=True))
        for row, context in enumerate(log.contexts)
    }


def value_stated(log: ChoiceLog, stated: dict[str, dict[str, float]]) -> PolicyValue:
    table, lost = stated_policy(log, stated)
    return value_policy(log, table, mean_rewards(log), float(lost.mean()))


def open_bandit(folder: Path) -> dict[str, Any]:
    """Each policy from its own log (the truth, with its own error) and from the other's."""
    random, bts = read_open_bandit(folder, "random"), read_open_bandit(folder, "bts")
    report: dict[str, Any] = {}
    for name, own, other in (("random", random, bts), ("bts", bts, random)):
        stated = shares_of(own)
        valued = (
            value_policy(other, uniform_policy(other), mean_rewards(other))
            if name == "random"
            else value_stated(other, stated)
        )
        report[name] = {
            "on_policy": round(float(own.reward.mean()), 5),
            **{each: [round(x, 5) for x in getattr(valued, each)] for each in ESTIMATORS},
            "effective": round(valued.overlap.effective),
            "rounds": valued.overlap.rounds,
            "mean_weight": round(valued.overlap.mean, 3),
        }
    return report


def data_folder() -> Path | None:
    """Where the Open Bandit data are, if they are."""
    named = os.environ.get("SHIFTCAST_DATA")
    folders = (
        [Path(named)] if named else [Path("shared/data"), Path("../shared/data"), Path("../../shared/data")]
    )
    return next((each / "open-bandit" for each in folders if (each / "open-bandit").is_dir()), None)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    report: dict[str, Any] = {
        "runs": args.runs,
        "synthetic": coverage(np.random.default_rng(args.seed), args.runs),
    }
    for name, figures in report["synthetic"].items():
        print(f"{name:>6}: {figures}")
    folder = data_folder()
    if folder is None:
        print("no Open Bandit data: name its folder's parent with SHIFTCAST_DATA")
    else:
        report["open_bandit"] = open_bandit(folder)
        for name, figures in report["open_bandit"].items():
            print(f"{name:>6} from the other's log: {figures}")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
