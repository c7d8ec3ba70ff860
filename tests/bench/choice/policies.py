"""The choice that serves, and its peers: uniform, epsilon-greedy, UCB1, a contextual bandit of Vowpal
Wabbit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numba import njit

from models.choice.selection import Posterior, arm_policy, base_rate, choose_arm, prior
from models.measured.arm_change import standing_counts
from models.measured.arm_memory import ArmMemory, Earned
from streams.settings import Settings
from streams.topics import HOUR_MS
from tests.bench.choice.world import Counts, Floats, Indices

Maker = Callable[[int, int], Any]
"""From the number of arms and the seed to a policy."""
HALF_LIFE_MS: Final = int(Settings().arm_half_life_s * 1_000)


class Feedback:
    """What agents/measure_feedback makes of the outcomes of arms, as time goes by with the impressions."""

    def __init__(self, names: tuple[str, ...], half_life: float) -> None:
        self._memories = {name: ArmMemory(HALF_LIFE_MS) for name in names}
        self._ms, self._life, self.seen = HALF_LIFE_MS / half_life, Posterior(), 0

    def learn(self, shown: Floats, clicked: Floats) -> None:
        """Outcomes of the arms, (K,) each, in the order of the names."""
        hour_ms = int(self.seen * self._ms) // HOUR_MS * HOUR_MS
        for memory, n, clicks in zip(self._memories.values(), shown.tolist(), clicked.tolist(), strict=True):
            if n:
                memory.add(hour_ms, Earned(n, clicks))
        clicks = float(clicked.sum())
        self._life = Posterior(self._life.alpha + clicks, self._life.beta + float(shown.sum()) - clicks)

    def known(self) -> dict[str, Posterior]:
        """Posteriors of the arms that were shown, as ads.arm.v1 brings them."""
        now_ms, rate = int(self.seen * self._ms), base_rate([self._life])
        return {
            name: Posterior(*standing_counts(memory, now_ms, "clicks", {}, rate))
            for name, memory in self._memories.items()
            if memory.stretches
        }


class Serving:
    """models/choice as the generator calls it: one request per impression."""

    def __init__(self, arms: int, seed: int, half_life: float) -> None:
        self._names = tuple(f"style.t{arm}" for arm in range(arms))
        self._feedback = Feedback(self._names, half_life)
        self._request = seed << 32

    def choose(self, counts: Counts, n: int) -> tuple[Indices, Floats]:
        known = self._feedback.known()
        chosen = [choose_arm(known, self._names, self._request + each, "c|native").index for each in range(n)]
        self._request += n
        self._feedback.seen += n
        arms = tuple(known.get(name, Posterior()) for name in self._names)
        policy = arm_policy(self._names, arms, prior(list(known.values())))
        return np.array(chosen), np.array(policy.chances)

    def learn(self, arms: Indices, clicks: Indices) -> None:
        shown, clicked = (
            np.bincount(arms, minlength=len(self._names)),
            np.bincount(arms, clicks, len(self._names)),
        )
        self._feedback.learn(shown.astype(float), clicked.astype(float))


def serving(half_life: float) -> Maker:
    """Of ours, whose counts fade as those of its peers."""
    return lambda arms, seed: Serving(arms, seed, half_life)


def known_arms(names: tuple[str, ...], counts: Counts) -> dict[str, Posterior]:
    """Counts of the arms that were shown."""
    return {
        name: Posterior(float(clicked), float(shown - clicked))
        for name, shown, clicked in zip(names, counts.shown, counts.clicked, strict=True)
        if shown > 0
    }


class Uniform:
    """Any arm."""

    def __init__(self, arms: int, seed: int) -> None:
        self._arms, self._rng = arms, np.random.default_rng([seed, 3])

    def choose(self, counts: Counts, n: int) -> tuple[Indices, Floats]:
        return self._rng.integers(0, self._arms, n), np.full(self._arms, 1 / self._arms)

    def learn(self, arms: Indices, clicks: Indices) -> None:
        """Does not."""


class EpsilonGreedy(Uniform):
    """The arm with the best mean, any arm with chance epsilon. Means begin at the pooled rate, as ours do."""

    def __init__(self, arms: int, seed: int, epsilon: float) -> None:
        super().__init__(arms, seed)
        self._epsilon = epsilon

    def choose(self, counts: Counts, n: int) -> tuple[Indices, Floats]:
        means = _means(counts)
        best = self._rng.choice(np.flatnonzero(means == means.max()))
        chances = np.full(self._arms, self._epsilon / self._arms)
        chances[best] += 1 - self._epsilon
        return self._rng.choice(self._arms, n, p=chances), chances


class Ucb1(Uniform):
    """Largest mean + width * sqrt(2 ln N / n) (Auer et al. 2002, whose width is 1), on faded counts (Garivier
    and Moulines 2011). What it has just shown counts at once in n and N."""

    def __init__(self, arms: int, seed: int, width: float) -> None:
        super().__init__(arms, seed)
        self._width = width

    def choose(self, counts: Counts, n: int) -> tuple[Indices, Floats]:
        chosen = _upper_bounds(_means(counts), counts.shown + 1, self._width, n)
        return chosen, np.bincount(chosen, minlength=self._arms) / n


class VowpalWabbit(Uniform):
    """`--cb_explore` without a context: a constant learning rate is how it forgets."""

    def __init__(self, arms: int, seed: int, options: str) -> None:
        super().__init__(arms, seed)
        from vowpalwabbit import Workspace

        self._vw = Workspace(f"--cb_explore {arms} {options} --quiet --random_seed {seed + 1}")
        self._logged: list[Floats] = []

    def choose(self, counts: Counts, n: int) -> tuple[Indices, Floats]:
        chances = np.array(self._vw.predict("|c any"))
        chances /= chances.sum()
        self._logged.append(chances)
        return self._rng.choice(self._arms, n, p=chances), chances

    def learn(self, arms: Indices, clicks: Indices) -> None:
        chances, told = self._logged.pop(0), dict[tuple[int, int], Any]()
        for arm, click in zip(arms.tolist(), clicks.tolist(), strict=True):
            if (arm, click) not in told:  # parsing costs more than learning
                told[arm, click] = self._vw.example(f"{arm + 1}:{-click}:{chances[arm]} |c any")
            self._vw.learn(told[arm, click])
        for each in told.values():
            self._vw.finish_example(each)


@njit(cache=True)
def _upper_bounds(means: Any, shown: Any, width: Any, n: Any) -> Any:
    """The arm with the largest bound, `n` times; each is counted in `shown` at once."""
    chosen, total = np.empty(n, np.int64), shown.sum()
    for each in range(n):
        best = int(np.argmax(means + width * np.sqrt(2 * np.log(total) / shown)))
        chosen[each] = best
        shown[best] += 1
        total += 1
    return chosen


def _means(counts: Counts) -> Floats:
    """Click rates of the arms on one click at the pooled rate."""
    names = tuple(map(str, range(len(counts.shown))))
    start = prior(list(known_arms(names, counts).values()))
    mean = start.alpha / (start.alpha + start.beta)
    return np.asarray((counts.clicked + 1) / (counts.shown + 1 / mean))


def peers() -> Mapping[str, Mapping[str, Maker]]:
    """Each peer at every point of its grid. Vowpal Wabbit only where it is installed."""
    found: dict[str, Mapping[str, Maker]] = {
        "epsilon-greedy": {f"epsilon {each:g}": _epsilon(each) for each in (0.01, 0.02, 0.05, 0.1, 0.2)},
        "UCB1": {f"width {each:g}": _ucb(each) for each in (0.01, 0.02, 0.03, 0.04, 0.05, 0.1)},
    }
    if has_vowpal_wabbit():
        found["Vowpal Wabbit"] = {options: _vowpal(options) for options in VW_GRID}
    return found


VW_GRID: Final = tuple(
    f"--epsilon {epsilon} --cb_type {kind} -l {rate} --power_t 0"
    for epsilon in (0.05, 0.1)
    for kind in ("dm", "ips")
    for rate in (0.0003, 0.001)
)


def has_vowpal_wabbit() -> bool:
    """Whether the peer is installed: `pip install vowpalwabbit`."""
    try:
        import vowpalwabbit  # noqa: F401
    except ImportError:
        return False
    return True


def _epsilon(epsilon: float) -> Maker:
    return lambda arms, seed: EpsilonGreedy(arms, seed, epsilon)


def _ucb(width: float) -> Maker:
    return lambda arms, seed: Ucb1(arms, seed, width)


def _vowpal(options: str) -> Maker:
    return lambda arms, seed: VowpalWabbit(arms, seed, options)
