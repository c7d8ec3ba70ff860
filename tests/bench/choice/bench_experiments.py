"""Experiments against a world whose truth is known: false alarms of A/A tests under continuous looking, power
at a lift of 10 %, broken splits found, what the users' past saves.

    python -m tests.bench.choice.bench_experiments [--short] [--seed N]

Users have unequal click rates, Beta with mean 5 %; they see 1 to many impressions (geometric) and saw
some before. Looked at after every 100 users per arm. `returning`: users come back while one looks, so that
totals grow between looks. The last line of the output is JSON.
"""

from __future__ import annotations

import argparse
import json
from typing import Any, Final

import numpy as np

from models.trial.comparison import Comparison, compare_arms
from models.trial.ratio import moments_of, ratio_estimate, running_moments
from models.trial.report import ALPHA
from models.trial.sample_ratio import MISMATCH_P, sample_ratio_p
from models.trial.user_totals import DoubleArray, UserTotals

BASE: Final = 0.05
LIFT: Final = 0.10
SPREAD: Final = 20.0
"""Pseudo-counts of the Beta law of click rates: a standard deviation of .048 around .05."""
IMPRESSIONS: Final = 2.0
LOOK_EVERY: Final = 100
MOST_USERS: Final = 50_000


def draw_group(
    rng: np.random.Generator, users: int, lift: float = 0.0, mean: float = IMPRESSIONS, past_mean: float = 1.0
) -> UserTotals:
    """Users of one arm in the order in which they enter; `mean` impressions per user, 1 = one each."""
    rates = rng.beta(BASE * SPREAD, (1 - BASE) * SPREAD, users)
    seen, past = rng.geometric(1 / mean, users), rng.geometric(1 / (1 + past_mean), users) - 1
    clicks = rng.binomial(seen, np.minimum(rates * (1 + lift), 1.0))
    before = rng.binomial(past, rates) - BASE * past
    sold = rng.binomial(clicks, 0.1)
    columns = (seen, clicks, sold, sold * rng.lognormal(8.0, 1.0, users), before)
    return UserTotals(*(np.asarray(each, np.float64) for each in columns))


def ctr_looks(control: UserTotals, arm: UserTotals) -> Comparison:
    """The click rates compared after every LOOK_EVERY users of each arm."""
    looks = np.arange(LOOK_EVERY, len(control.clicks) + 1, LOOK_EVERY)
    sides = [
        ratio_estimate(running_moments(t.clicks, t.impressions, t.before, looks)) for t in (control, arm)
    ]
    return compare_arms(sides[0], sides[1], 2 * len(control.clicks), ALPHA)


def alarmed(found: Comparison) -> bool:
    """Whether any look left out zero."""
    return bool(np.any((found.lo > 0) | (found.hi < 0)))


def returning_alarmed(rng: np.random.Generator, users: int, looks: int = 60) -> bool:
    """An A/A test whose users were all there from the start and come back: looked at as their totals grow."""
    rates = rng.beta(BASE * SPREAD, (1 - BASE) * SPREAD, (2, users))
    seen, clicks = np.zeros((2, users)), np.zeros((2, users))
    for _ in range(looks):
        came = rng.random((2, users)) < 0.2
        seen += came
        clicks += came & (rng.random((2, users)) < rates)
        sides = []
        for arm in range(2):
            entered = seen[arm] > 0
            sides.append(_ratio(clicks[arm, entered], seen[arm, entered]))
        if alarmed(compare_arms(sides[0], sides[1], 2 * users, ALPHA)):
            return True
    return False


def _ratio(y: DoubleArray, d: DoubleArray) -> Any:
    return ratio_estimate(moments_of(y, d, np.zeros_like(y)))


def false_alarms(rng: np.random.Generator, tests: int, users: int) -> dict[str, float]:
    """Shares of A/A tests with an alarm at any look: users who enter and are done, and users who return."""
    entering = [alarmed(ctr_looks(*(draw_group(rng, users) for _ in range(2)))) for _ in range(tests)]
    returning = [returning_alarmed(rng, users // 10) for _ in range(tests)]
    return {"entering": float(np.mean(entering)), "returning": float(np.mean(returning))}


def power(rng: np.random.Generator, tests: int, mean: float, past_mean: float) -> tuple[float, float]:
    """(share of runs that find the lift, share of the variance that the past explains)."""
    found, saved = [], []
    for _ in range(tests):
        sides = [draw_group(rng, MOST_USERS, lift, mean, past_mean) for lift in (0.0, LIFT)]
        compared = ctr_looks(sides[0], sides[1])
        found.append(bool(np.any(compared.lo > 0)))
        saved.append(float(compared.saved[-1]))
    return float(np.mean(found)), float(np.mean(saved))


def mismatches(rng: np.random.Generator, tests: int, users: int, dropped: float) -> float:
    """Share of splits, halves by chance, that are found out of proportion when so much of an arm is lost."""
    found = []
    for _ in range(tests):
        first = int(rng.binomial(2 * users, 0.5))
        kept = int(rng.binomial(first, 1 - dropped))
        found.append(sample_ratio_p([kept, 2 * users - first], [0.5, 0.5]) < MISMATCH_P)
    return float(np.mean(found))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="a tenth of the tests: a look")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    tests, runs = (100, 20) if args.short else (1000, 200)
    alarms = false_alarms(rng, tests, 20_000)
    print(f"A/A, {tests} tests, alarms at any look: {alarms}")
    report: dict[str, Any] = {"tests": tests, "false_alarms": alarms, "power": {}, "variance_saved": {}}
    for mean, past_mean in ((1.0, 0.0), (1.0, 1.0), (2.0, 1.0), (10.0, 20.0)):
        name = f"impressions_{mean:g}_past_{past_mean:g}"
        report["power"][name], saved = power(rng, runs, mean, past_mean)
        report["variance_saved"][name] = round(saved, 4)
        print(
            f"lift of {LIFT:.0%} at {BASE:.0%}, {MOST_USERS:,} users per arm, {mean:g} impressions each, "
            f"{past_mean:g} before: found in {report['power'][name]:.3f} of {runs}, "
            f"variance less by {saved:.1%}"
        )
    report["mismatch_found"] = {str(lost): mismatches(rng, tests, MOST_USERS, lost) for lost in (0.0, 0.05)}
    print(f"splits out of proportion, by share of one arm lost: {report['mismatch_found']}")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
