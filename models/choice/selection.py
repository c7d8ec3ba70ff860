"""Which style, template and item a creative is made of, and with what probability: Thompson sampling with a
logged propensity.

Every choice is a function of the request's number and the posteriors: a replay decides the same. The chances
are a function of the posteriors alone, so that all requests under one policy version have the same ones, and
what is logged is exactly what was drawn with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np
import xxhash
from numpy.typing import NDArray

from models.brief.brief import STYLES
from models.campaigns import Campaign

EXPLORED: Final = 0.02
"""Share of choices that are uniform, so that every arm and item keeps a known chance: what off-policy
estimates stand on."""
DRAWS: Final = 1000
"""Posterior draws behind P(arm)."""
TEMPERATURE: Final = 0.01
"""Of the softmax over item scores: ten near items lie within 0.1 of each other, and at 0.1 the draw among
them is all but uniform."""
BASE_RATE: Final = 0.01
"""Click rate assumed while nothing is known."""
_ASSUMED: Final = {"awareness": 0.5, "conversions": 0.001}
"""The same of other goals than clicks: an impression that can be seen, a conversion."""
CHALLENGE: Final = 0.1
"""Chance that a draw of an unseen arm beats the best known one: the prior is as strong as that takes (Roblox,
arXiv 2602.00943)."""
MOST_PSEUDO_CLICKS: Final = 20.0
"""Strongest prior, in clicks at its mean; the weakest is one click. Beta(1, 1) would claim a click rate of
one half."""
SPREAD: Final = 0.3
"""Draws lie so many times as far from their posterior's mean: a whole standard deviation explores for longer
than the impressions of a campaign repay."""

DoubleArray = NDArray[np.float64]


@dataclass(frozen=True)
class Posterior:
    """Decayed reward counts of one arm, without a prior: `alpha` clicks, `beta` impressions without one."""

    alpha: float = 0.0
    beta: float = 0.0


@dataclass(frozen=True)
class ArmPolicy:
    """P(arm) of each arm in order, sums to 1, and the version that names everything they follow from."""

    chances: tuple[float, ...]
    version: str


@dataclass(frozen=True)
class Choice:
    """Which of the offered options was taken, how likely that was, and the version of the policy that says
    so."""

    index: int
    propensity: float
    policy_version: str


def arm_name(style: str, template_id: str) -> str:
    """Id of the arm style x template within a campaign and slot, as in ads.arm.v1."""
    return f"{style}.{template_id}"


_LAYOUT: Final = "@"
"""Before the name of a layout, which is an arm of its own beside those of style x template."""


def layout_arm(layout: str) -> str:
    """Id of a layout as an arm of a campaign and slot, as in ads.arm.v1."""
    return f"{_LAYOUT}{layout}"


def is_layout_arm(arm: str) -> bool:
    """Whether an arm is a layout."""
    return arm.startswith(_LAYOUT)


def style_of(arm: str) -> str:
    """The style of an arm id."""
    return arm.partition(".")[0]


def styles_of(campaign: Campaign) -> tuple[str, ...]:
    """The styles that the campaign's creatives are drawn from, in their one order; of those that it names the
    unknown ones are left out."""
    return tuple(style for style in STYLES if not campaign.styles or style in campaign.styles)


def arms_of(styles: Sequence[str], template_ids: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """All (style, template id) of a campaign and slot in their one order."""
    return tuple((style, template_id) for template_id in sorted(template_ids) for style in styles)


def assumed_rate(goal: str) -> float:
    """Share of impressions that earn a campaign of a goal its reward, while nothing is known."""
    return _ASSUMED.get(goal, BASE_RATE)


def base_rate(known: Sequence[Posterior], overall: float = BASE_RATE) -> float:
    """Pooled reward rate of `known` arms, drawn towards `overall` as if that had been seen for one click; in
    (0, 1)."""
    clicks = sum(arm.alpha for arm in known)
    return (clicks + 1) / (clicks + sum(arm.beta for arm in known) + 1 / overall)


def prior(known: Sequence[Posterior], overall: float = BASE_RATE) -> Posterior:
    """Beta prior of an arm: mean = pooled base rate, strength such that an unseen arm beats the best known
    one with chance CHALLENGE.

    While the best known arm is no better than the base rate there is nothing to protect, and the prior counts
    as one click.
    """
    mean = base_rate(known, overall)
    best = max(((arm.alpha + 1) / (arm.alpha + arm.beta + 1 / mean) for arm in known), default=mean)
    pseudo_clicks = 1.0
    if best > mean:
        sd = (best - mean) / NormalDist().inv_cdf(1 - CHALLENGE)
        pseudo_clicks = float(np.clip(mean * (mean * (1 - mean) / sd**2 - 1), 1.0, MOST_PSEUDO_CLICKS))
    return Posterior(pseudo_clicks, pseudo_clicks * (1 - mean) / mean)


def arm_priors_of(
    known: Mapping[str, Posterior], names: Sequence[str], overall: float = BASE_RATE
) -> Posterior:
    """The prior of the arms `names`, by those of them that are known: what is not drawn, such as copy that is
    shared or a style that the campaign excludes, sets nobody's mark."""
    return prior([known[name] for name in names if name in known], overall)


def expected_rate(arm: Posterior, start: Posterior) -> float:
    """Mean of an arm's posterior: its counts on the prior `start`, which is all there is while nothing is
    known of it."""
    alpha, beta = arm.alpha + start.alpha, arm.beta + start.beta
    return alpha / (alpha + beta)


def lifted(start: Posterior, factor: float) -> Posterior:
    """The prior of an arm that is expected to do `factor` times as well as others: as many rewards, at a
    mean that lies at most half of the way to certainty."""
    mean = start.alpha / (start.alpha + start.beta)
    mean = min((1 + mean) / 2, factor * mean)
    return Posterior(start.alpha, start.alpha * (1 - mean) / mean)


@lru_cache(maxsize=1024)  # of campaigns and slots that are asked for; posteriors change once a second at most
def arm_policy(
    names: tuple[str, ...], arms: tuple[Posterior, ...], start: Posterior, factors: tuple[float, ...] = ()
) -> ArmPolicy:
    """P(arm) = e / K + (1 - e) * share of DRAWS narrowed posterior draws in which it is best. The draws are
    seeded by the version, so by all that decides. `factors`: of each arm's prior, as the click model sees it;
    () = none is known."""
    starts = [lifted(start, factor) for factor in factors] or [start] * len(arms)
    version = policy_version(names, arms, start, factors)
    rng = _generator(DRAWS, version)
    alpha = np.array([arm.alpha + own.alpha for arm, own in zip(arms, starts, strict=True)])
    beta = np.array([arm.beta + own.beta for arm, own in zip(arms, starts, strict=True)])
    mean = alpha / (alpha + beta)
    draws = mean + SPREAD * (rng.beta(alpha, beta, (DRAWS, len(arms))) - mean)
    winners = np.argmax(draws, axis=1)
    share = np.bincount(winners, minlength=len(arms)) / DRAWS
    return ArmPolicy(tuple(map(float, EXPLORED / len(arms) + (1 - EXPLORED) * share)), version)


def choose_arm(
    known: Mapping[str, Posterior],
    names: Sequence[str],
    request: int,
    stream: str,
    overall: float = BASE_RATE,
    factors: Sequence[float] = (),
) -> Choice:
    """One of the arms `names` (at least one) of a campaign and slot.

    `known`: posteriors of that campaign and slot by arm; `request`: number of the request id; `stream`: what
    else tells this choice from others of the request, such as campaign|slot; `overall`: pooled click rate of
    all campaigns; `factors`: how much better each arm is expected to do than the others (models.choice.
    expected_clicks), () = not known.
    """
    start = arm_priors_of(known, names, overall)
    arms = tuple(known.get(name, Posterior()) for name in names)
    policy = arm_policy(tuple(names), arms, start, tuple(factors))
    index = _drawn(policy.chances, request, "arm:" + stream)
    return Choice(index, policy.chances[index], policy.version)


def choose_evenly(names: Sequence[str], request: int, stream: str) -> Choice:
    """One of the arms, whatever is known of them."""
    chances = np.full(len(names), 1 / len(names))
    index = _drawn(chances, request, "arm:" + stream)
    return Choice(index, float(chances[index]), "p" + xxhash.xxh3_64_hexdigest("|".join(names).encode()))


def item_probabilities(scores: NDArray[np.floating]) -> DoubleArray:
    """Softmax of the scores at TEMPERATURE, mixed with EXPLORED uniform; (n,), sums to 1."""
    weights = np.exp((np.asarray(scores, np.float64) - np.max(scores)) / TEMPERATURE)
    return EXPLORED / len(weights) + (1 - EXPLORED) * weights / weights.sum()


def choose_item(scores: NDArray[np.floating], request: int) -> Choice:
    """One of the final items (n >= 1) of a match."""
    chances = item_probabilities(scores)
    index = _drawn(chances, request, "item")
    return Choice(index, float(chances[index]), ITEM_POLICY)


def policy_version(
    names: Sequence[str], arms: Sequence[Posterior], start: Posterior, factors: Sequence[float] = ()
) -> str:
    """Hash of all that decides: arms, posteriors, priors and the constants of the policy."""
    parts = [
        CONSTANTS,
        repr((start.alpha, start.beta)),
        *(f"{n}={a.alpha!r}/{a.beta!r}" for n, a in zip(names, arms, strict=True)),
        *map(repr, factors),
    ]
    return "p" + xxhash.xxh3_64_hexdigest("|".join(parts).encode())


def _drawn(chances: Sequence[float] | DoubleArray, request: int, stream: str) -> int:
    ladder = np.cumsum(chances)
    return int(
        min(
            np.searchsorted(ladder, _generator(request, stream).random() * ladder[-1], side="right"),
            len(chances) - 1,
        )
    )


def _generator(request: int, stream: str) -> np.random.Generator:
    """Philox keyed by the request and by what is drawn, so that no two draws of a request share numbers."""
    return np.random.Generator(np.random.Philox(key=[request, xxhash.xxh3_64_intdigest(stream.encode())]))


CONSTANTS: Final = (
    f"thompson e={EXPLORED} draws={DRAWS} spread={SPREAD} t={TEMPERATURE} challenge={CHALLENGE} "
    f"most={MOST_PSEUDO_CLICKS}"
)
ITEM_POLICY: Final = "p" + xxhash.xxh3_64_hexdigest(CONSTANTS.encode())
