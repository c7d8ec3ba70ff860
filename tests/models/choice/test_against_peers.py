"""A short form of tests/bench/choice/bench_choice.py: the choice that serves learns in a simulated world and
on arm counts of the shape that real headline tests have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.choice.selection import Posterior, arm_policy, prior
from tests.bench.choice.bench_choice import (
    SHORT,
    TUNING_SEEDS,
    floor_regret,
    followed_after,
    measure,
    play_all,
    ratio,
    reported_seeds,
    shares_apart,
    tuned,
)
from tests.bench.choice.policies import EpsilonGreedy, Serving, Uniform, peers, serving
from tests.bench.choice.replay import read_arms, replay
from tests.bench.choice.world import EVERY, World, earlier, play, swapped

MADE_UP = Path(__file__).parent / "made_up_tests.csv"
EASY = World((0.08, 0.03, 0.03, 0.02), 16_000, 8_000, 500, 4_000)


def test_the_serving_choice_follows_a_swap_and_logs_what_it_draws() -> None:
    runs = play_all(EASY, serving(EASY.half_life), range(3))
    uniform = play_all(EASY, Uniform, range(3))
    assert sum(run.regret for run in runs) < 0.5 * sum(run.regret for run in uniform)
    assert all(followed_after(EASY, run.best_share) <= 8_000 for run in runs)
    assert shares_apart(runs) < 0.02


def test_a_world_is_a_function_of_its_seed_and_of_what_is_shown() -> None:
    first, again = (play(SHORT, Serving(12, 5, SHORT.half_life), 5) for _ in range(2))
    assert first.regret == again.regret and first.shares.tolist() == again.shares.tolist()
    rates = np.array([0.03, 0.01, 0.02])
    assert swapped(rates).tolist() == [0.01, 0.03, 0.02]


def test_the_nth_showing_of_an_arm_is_as_lucky_under_every_policy() -> None:
    assert earlier(np.array([2, 0, 2, 2, 0, 1])).tolist() == [0, 0, 1, 2, 1, 0]

    class Arm(Uniform):
        clicks: list[int]

        def __init__(self, turns: int) -> None:
            self.turns, self.clicks = turns, []

        def choose(self, counts, n):  # type: ignore[no-untyped-def]
            chosen = np.arange(n) % self.turns
            return chosen, np.bincount(chosen, minlength=3) / n

        def learn(self, arms, clicks):  # type: ignore[no-untyped-def]
            self.clicks += clicks[arms == 0].tolist()

    always, every_other = Arm(1), Arm(2)
    for each in (always, every_other):
        play(World((0.5, 0.5, 0.5), 1_000, 1_000, 0, 1e12), each, 3)
    assert always.clicks[: len(every_other.clicks)] == every_other.clicks


def test_feedback_is_not_known_before_its_delay_is_over() -> None:
    class Watching(Uniform):
        seen: list[float]

        def choose(self, counts, n):  # type: ignore[no-untyped-def]
            self.seen = [*getattr(self, "seen", []), float(counts.shown.sum())]
            return super().choose(counts, n)

    watching = Watching(3, 1)
    play(World((0.1, 0.2, 0.3), 1_500, 1_000, 500, 1e12), watching, 1)
    assert watching.seen[:6] == [0.0] * 6
    assert watching.seen[6:] == pytest.approx([EVERY * n for n in range(1, 10)])


def _greedy(arms: int, seed: int) -> EpsilonGreedy:
    return EpsilonGreedy(arms, seed, 0.05)


def test_a_peer_plays_at_the_point_that_was_best_on_other_seeds() -> None:
    grid = {
        name: lambda arms, seed, e=e: EpsilonGreedy(arms, seed, e) for name, e in (("a", 1.0), ("b", 0.05))
    }
    played, found = tuned(EASY, grid, range(2), range(50, 52))
    assert played.point == min(found, key=found.__getitem__) == "b"
    assert {"epsilon-greedy", "UCB1"} <= set(peers())


def test_the_ratio_is_paired_by_seed() -> None:
    other = np.array([10.0, 1_000.0, 200.0, 3_000.0])
    half = ratio(other / 2, other)
    assert half.value == half.low == half.high == 0.5


def test_the_floor_is_what_even_who_knows_the_best_arm_pays() -> None:
    world = World((0.5, 0.1, 0.1, 0.0), 4_000, 4_000, 0, 1e12)
    known = tuple(Posterior(1e6 * rate, 1e6 * (1 - rate)) for rate in world.rates)
    chances = arm_policy(("a", "b", "c", "d"), known, prior(known)).chances
    regret = sum(chance * (0.5 - rate) for chance, rate in zip(chances, world.rates, strict=True))
    assert floor_regret(world) == pytest.approx(world.impressions * regret) == pytest.approx(26.0)


def test_no_seed_that_a_peer_was_tuned_on_is_reported() -> None:
    assert reported_seeds(20) == list(range(20))
    many = reported_seeds(200)
    assert len(set(many)) == 200 and not set(many) & set(TUNING_SEEDS)


def test_the_short_form_measures_everything() -> None:
    tiny = World(EASY.rates, 2_000, 1_000, 500, 4_000)
    found = measure(tiny, range(2), range(100, 101))
    assert set(found["grids"]) >= {"epsilon-greedy", "UCB1"} and found["best_peer"] in found["others"]
    assert found["ratio"].low <= found["ratio"].value <= found["ratio"].high


def test_real_arm_counts_are_played_again_late_or_at_once() -> None:
    tests = read_arms(MADE_UP)
    assert len(tests) == 12 and all(len(arms) > 1 for arms in tests.values())
    at_once, late = (replay(tests, delay, seed=0) for delay in (0, 1_000))
    assert at_once == replay(tests, 0, seed=0)
    for each in (at_once, late):
        assert each.uniform < each.ours < each.best
        assert 0.3 < each.headroom < 1
    assert (
        at_once.uniform
        == late.uniform
        == pytest.approx(
            sum(
                np.mean([arm.clicks / arm.impressions for arm in arms]) * sum(arm.impressions for arm in arms)
                for arms in tests.values()
            )
        )
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("test,arm,clicks\n", "no column impressions"),
        ("test,arm,impressions,clicks\nt,a,ten,1\n", "line 2"),
        ("test,arm,impressions,clicks\nt,a,10,11\n", "line 2: 11 clicks of 10"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "arms.csv").write_text(text)
    with pytest.raises(ValueError, match=said):
        read_arms(tmp_path / "arms.csv")
