from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pytest

from models.brief.brief import STYLES
from models.campaigns import Campaign
from models.choice.selection import (
    CHALLENGE,
    DRAWS,
    EXPLORED,
    SPREAD,
    TEMPERATURE,
    Posterior,
    arm_name,
    arm_policy,
    arm_priors_of,
    arms_of,
    assumed_rate,
    base_rate,
    choose_arm,
    choose_item,
    item_probabilities,
    policy_version,
    prior,
    styles_of,
)

NAMES = tuple(arm_name(style, template) for style, template in arms_of(("direct", "question"), ("t2", "t1")))
KNOWN = {NAMES[0]: Posterior(40, 960), NAMES[1]: Posterior(10, 990), NAMES[2]: Posterior(30, 970)}


def chances_of(arms: Sequence[Posterior], start: Posterior) -> tuple[float, ...]:
    return arm_policy(tuple(map(str, range(len(arms)))), tuple(arms), start).chances


def test_arms_have_one_order_whatever_the_templates_came_in() -> None:
    assert arms_of(("a", "b"), ("t2", "t1")) == arms_of(("a", "b"), ("t1", "t2"))
    assert len(set(NAMES)) == 4


def test_probabilities_sum_to_one_and_never_vanish() -> None:
    chances = np.array(
        chances_of([KNOWN.get(name, Posterior()) for name in NAMES], prior(list(KNOWN.values())))
    )
    assert chances.sum() == pytest.approx(1)
    assert chances.min() >= EXPLORED / 4
    assert chances.argmax() == 0


def test_two_percent_go_to_any_arm_and_item_however_hopeless() -> None:
    hopeless = chances_of([Posterior(900, 100), Posterior(1, 9_999)], Posterior(1, 1))
    assert hopeless == pytest.approx([0.99, 0.01])
    assert item_probabilities(np.array([0.0, 1_000.0])) == pytest.approx([0.01, 0.99])


def test_a_choice_is_a_function_of_request_and_posteriors() -> None:
    assert choose_arm(KNOWN, NAMES, 17, "c|s") == choose_arm(dict(reversed(KNOWN.items())), NAMES, 17, "c|s")
    versions = {choose_arm(KNOWN, NAMES, n, "c|s").policy_version for n in range(5)}
    assert len(versions) == 1
    moved = {**KNOWN, NAMES[0]: Posterior(41, 960)}
    assert choose_arm(moved, NAMES, 17, "c|s").policy_version not in versions


def test_the_logged_propensity_is_the_frequency() -> None:
    """Over requests, an arm's share of choices equals its probability, also of those that only the floor
    keeps alive."""
    known = {NAMES[0]: Posterior(400, 9_600), NAMES[1]: Posterior(385, 9_615), NAMES[2]: Posterior(90, 9_910)}
    policy = arm_policy(
        NAMES, tuple(known.get(name, Posterior()) for name in NAMES), prior(list(known.values()))
    )
    n = 20_000
    chosen = [choose_arm(known, NAMES, request, "c|s") for request in range(n)]
    assert {(each.propensity, each.policy_version) for each in chosen} == {
        (policy.chances[each.index], policy.version) for each in chosen
    }
    shares = np.bincount([each.index for each in chosen], minlength=4) / n
    for share, chance in zip(shares, policy.chances, strict=True):
        assert share == pytest.approx(chance, abs=4 * (chance * (1 - chance) / n) ** 0.5)
    assert np.mean([1 / each.propensity for each in chosen]) == pytest.approx(4, rel=0.1)


def test_item_frequency_equals_its_softmax() -> None:
    scores = np.array([0.9, 0.85, 0.7, 0.2])
    chances = item_probabilities(scores)
    assert chances.sum() == pytest.approx(1)
    drawn = chances - EXPLORED / 4
    assert drawn[0] / drawn[1] == pytest.approx(np.exp(0.05 / TEMPERATURE))
    assert chances[3] >= EXPLORED / 4
    n = 4000
    share = np.bincount([choose_item(scores, request).index for request in range(n)], minlength=4) / n
    assert np.abs(share - chances).max() < 4 * np.sqrt(0.25 / n)
    assert choose_item(scores, 5) == choose_item(scores, 5)


def test_one_option_is_certain() -> None:
    assert choose_item(np.array([0.1]), 3).propensity == pytest.approx(1)
    assert choose_arm({}, NAMES[:1], 3, "c|s").propensity == pytest.approx(1)


def test_slots_of_one_request_are_drawn_apart() -> None:
    pairs = [
        (choose_arm({}, NAMES, n, "c|native").index, choose_arm({}, NAMES, n, "c|text").index)
        for n in range(200)
    ]
    assert 0.1 < np.mean([a == b for a, b in pairs]) < 0.5


def test_the_prior_begins_at_the_base_rate() -> None:
    nothing = prior([])
    assert nothing.alpha / (nothing.alpha + nothing.beta) == pytest.approx(0.01)
    assert base_rate([Posterior(400, 9600)]) == pytest.approx(0.04, rel=0.02)
    assert base_rate([], overall=0.2) == pytest.approx(0.2)


def test_an_unseen_arm_challenges_a_proven_one_about_as_often_as_wanted() -> None:
    known = [Posterior(1200, 28_800), Posterior(200, 9800), Posterior(150, 9850)]
    start = prior(known)
    rng = np.random.default_rng(0)
    new = rng.beta(start.alpha, start.beta, 50_000)
    best = rng.beta(known[0].alpha + start.alpha, known[0].beta + start.beta, 50_000)
    assert 0.05 < (new > best).mean() < 0.2


def test_nothing_known_is_uniform_over_requests() -> None:
    share = np.bincount([choose_arm({}, NAMES, n, "c|s").index for n in range(2000)], minlength=4) / 2000
    assert np.abs(share - 0.25).max() < 0.05


def test_the_policy_version_names_the_prior_too() -> None:
    arms = [Posterior(1, 9)]
    assert policy_version(["a"], arms, prior(arms)) != policy_version(
        ["a"], arms, prior([*arms, Posterior(5, 5)])
    )


def test_the_prior_lets_an_unseen_arm_beat_the_best_known_one_with_the_chance_it_states() -> None:
    known = [Posterior(400, 9_600), Posterior(100, 9_900)]
    start = prior(known)
    mean = start.alpha / (start.alpha + start.beta)
    sd = (mean * (1 - mean) / (start.alpha + start.beta + 1)) ** 0.5
    best = 401 / (10_000 + 1 / base_rate(known))
    assert mean == pytest.approx(base_rate(known))
    assert 1 - NormalDist().cdf((best - mean) / sd) == pytest.approx(CHALLENGE, rel=1e-3)


def test_draws_are_narrowed_to_a_share_of_the_posteriors_deviation() -> None:
    """P(arm) is what a normal law says of draws with SPREAD of their standard deviation."""
    start = Posterior(1, 49)
    found, wanted = [], []
    for clicks in range(560, 590):
        arms = [Posterior(600, 29_400), Posterior(clicks, 30_000 - clicks)]
        mean = [(each.alpha + 1) / (each.alpha + each.beta + 50) for each in arms]
        var = [m * (1 - m) / (each.alpha + each.beta + 51) for m, each in zip(mean, arms, strict=True)]
        wins = NormalDist().cdf((mean[0] - mean[1]) / (SPREAD * sum(var) ** 0.5))
        found.append(chances_of(arms, start)[0])
        wanted.append(EXPLORED / 2 + (1 - EXPLORED) * wins)
    assert np.abs(np.subtract(found, wanted)).max() < 4 * (0.25 / DRAWS) ** 0.5
    assert np.mean(found) == pytest.approx(np.mean(wanted), abs=0.01)


def test_styles_that_a_campaign_names_keep_their_one_order_and_unknown_ones_are_left_out() -> None:
    campaign = Campaign("c1", 1, "active", "b", styles=("scene", "bold", "direct"))
    assert styles_of(campaign) == ("direct", "scene")
    assert styles_of(Campaign("c1", 1, "active", "b")) == STYLES


def test_what_is_assumed_depends_on_what_the_goal_counts() -> None:
    assert assumed_rate("conversions") < assumed_rate("clicks") < assumed_rate("awareness")


def test_arms_that_are_not_drawn_set_no_mark() -> None:
    """A style that the campaign excludes and copy that everyone shares stand beside those that are drawn."""
    others = {"template.t1": Posterior(900, 100), "offer.t9": Posterior(1, 9_999)}
    known = {NAMES[0]: KNOWN[NAMES[0]]}
    assert arm_priors_of(known | others, NAMES) == arm_priors_of(known, NAMES) == prior([KNOWN[NAMES[0]]])
    for request in range(20):
        assert choose_arm(known | others, NAMES, request, "c|s") == choose_arm(known, NAMES, request, "c|s")
    assert arm_priors_of({}, NAMES) == prior([])
