"""Real tests of headlines played again: arms with the click rates that were counted, chosen among anew."""

from __future__ import annotations

import csv
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from models.choice.selection import Posterior, arm_policy, base_rate, prior
from tests.bench.choice.policies import Feedback
from tests.bench.choice.world import EVERY, Floats

COLUMNS: Final = ("test", "arm", "impressions", "clicks")
HALF_LIVES: Final = 2
"""Of posteriors, in lengths of a test: three days, and a test of one and a half."""


class ArmCounts(NamedTuple):
    """What one arm of a test was counted."""

    impressions: int
    clicks: int


class Replayed(NamedTuple):
    """Expected clicks of all tests: with our choice, with each arm shown alike, with the best arm alone."""

    ours: float
    uniform: float
    best: float

    @property
    def over_uniform(self) -> float:
        """More clicks than uniform, as a share of those."""
        return self.ours / self.uniform - 1

    @property
    def headroom(self) -> float:
        """Share of what the best arms have over uniform."""
        return (self.ours - self.uniform) / (self.best - self.uniform) if self.best > self.uniform else 1.0


def read_arms(path: Path) -> dict[str, list[ArmCounts]]:
    """Tests with at least two arms that were shown. Raises ValueError with the line of what is wrong."""
    tests: defaultdict[str, list[ArmCounts]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
            raise ValueError(f"{path}: no column {', '.join(missing)}; wanted are {', '.join(COLUMNS)}")
        for row in rows:
            try:
                arm = ArmCounts(int(row["impressions"]), int(row["clicks"]))
            except ValueError as error:
                raise ValueError(f"{path}, line {rows.line_num}: {error}") from None
            if not 0 <= arm.clicks <= arm.impressions:
                raise ValueError(f"{path}, line {rows.line_num}: {arm.clicks} clicks of {arm.impressions}")
            if arm.impressions:
                tests[row["test"]].append(arm)
    return {name: arms for name, arms in tests.items() if len(arms) > 1}


def replay(tests: Mapping[str, Sequence[ArmCounts]], delay: int, seed: int) -> Replayed:
    """Every test with as many impressions as it had, feedback `delay` impressions late. The base rate that a
    test begins with is that of the tests before it."""
    ours = uniform = best = 0.0
    seen = Posterior()
    for number, arms in enumerate(tests.values()):
        rates = np.array([arm.clicks / arm.impressions for arm in arms])
        impressions = sum(arm.impressions for arm in arms)
        overall = base_rate([seen])
        ours += _play(rates, impressions, delay, overall, np.random.default_rng([seed, number]))
        uniform += impressions * float(rates.mean())
        best += impressions * float(rates.max())
        clicks = sum(arm.clicks for arm in arms)
        seen = Posterior(seen.alpha + clicks, seen.beta + impressions - clicks)
    return Replayed(ours, uniform, best)


def _play(rates: Floats, impressions: int, delay: int, overall: float, rng: np.random.Generator) -> float:
    """Expected clicks of one test."""
    names = tuple(f"style.t{arm}" for arm in range(len(rates)))
    feedback = Feedback(names, HALF_LIVES * impressions)
    late: deque[tuple[Floats, Floats]] = deque()
    expected = 0.0
    for start in range(0, impressions, EVERY):
        if len(late) * EVERY > delay:
            feedback.learn(*late.popleft())
        known = feedback.known()
        feedback.seen += EVERY
        arms = tuple(known.get(name, Posterior()) for name in names)
        policy = arm_policy(names, arms, prior(list(known.values()), overall))
        shown = rng.multinomial(min(EVERY, impressions - start), policy.chances).astype(float)
        late.append((shown, rng.binomial(shown.astype(int), rates).astype(float)))
        expected += float(shown @ rates)
    return expected
