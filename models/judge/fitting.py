"""Fit the learned judge to marks of readers, and say what it finds in marks it has not seen."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray, IntArray
from models.brief.brief import Brief, Copy
from models.judge.checks import checked
from models.judge.features import judge_features
from models.judge.learned import BUCKETS, Learned, buckets
from models.judge.learning import fit_judge
from models.judge.said import draft_of
from models.judge.spoilt import FAULTS

FOLDS: Final = 5
PRECISION: Final = 0.92
"""Share of the best that readers are to run."""
BAR: Final = 0.92
"""Share of what is above the bar that readers would run: of marks from before lines that they refused were
left out, so that it is more of what is written since."""
Doubles = NDArray[np.float64]
_ROUNDS: Final = 30
_DRAWS: Final = 200
_LEAST: Final = 20
"""Marks that a bar has above itself: fewer say nothing."""
_NEGLIGIBLE: Final = 1e-9


class MarkedCopy(NamedTuple):
    """A copy and whether its reader would run it; `source` says who wrote it, `worth` how much it counts."""

    brief: Brief
    copy: Copy
    publishable: bool
    source: str
    worth: float = 1.0


class Prepared(NamedTuple):
    """Examples as the fit reads them: buckets of each, whether it is publishable, whether a check found
    something, its fold, whether a reader marked it or it was spoilt on purpose, and how much it counts."""

    held: list[IntArray]
    good: IntArray
    found: IntArray
    fold: IntArray
    marked: IntArray
    worth: FloatArray


def prepared(examples: Sequence[MarkedCopy], ads: Sequence[MarkedCopy]) -> Prepared:
    """`examples` were marked by readers; of each of `ads` a spoilt one is made, which is fitted to and never
    validated on. An item is in one fold with all its copies."""
    everything = [*examples, *spoilt(ads)]
    held, found = [], []
    for each in everything:
        draft = draft_of(each.brief, each.copy)
        findings = checked(draft)
        held.append(buckets(judge_features(draft, findings)))
        found.append(bool(findings))
    return Prepared(
        held,
        np.array([each.publishable for each in everything], np.int64),
        np.array(found, np.int64),
        np.array([_fold(each.brief) for each in everything], np.int64),
        (np.arange(len(everything)) < len(examples)).astype(np.int64),
        np.array([each.worth for each in everything], np.float32),
    )


def spoilt(ads: Sequence[MarkedCopy]) -> list[MarkedCopy]:
    """One spoilt ad of each; what it takes of another is of another item in the same language, of the same
    category every second time. Deterministic."""
    rng = random.Random(0)  # noqa: S311 - a choice, no secret
    made = []
    for number, ad in enumerate(ads):
        drawn = (rng.choice(ads) for _ in range(_DRAWS))
        other = next((each for each in drawn if _strange(ad.brief, each.brief, near=number % 2 == 0)), None)
        if other is not None:
            copy = FAULTS[number % len(FAULTS)](ad.copy, other.copy, ad.brief.locale)
            made.append(MarkedCopy(ad.brief, copy, False, "spoilt"))
    return made


def _strange(brief: Brief, other: Brief, near: bool) -> bool:
    same_kind = brief.category.split(".")[0] == other.category.split(".")[0]
    return other.title != brief.title and other.locale == brief.locale and same_kind == near


def _fold(brief: Brief) -> int:
    return int(hashlib.sha256(brief.title.encode()).hexdigest()[:8], 16) % FOLDS


def unseen_sums(data: Prepared) -> FloatArray:
    """The sum of each marked example by weights fitted to the other folds, (n,); minus infinity where a check
    found something."""
    sums = np.full(len(data.held), -np.inf, np.float32)
    for fold in range(FOLDS):
        weights, bias = _fit(data, np.flatnonzero(data.fold != fold))
        half = Learned(weights, bias, 1.0, 0.0, 0.5, 0.5)
        for at in np.flatnonzero((data.fold == fold) & (data.found == 0) & (data.marked == 1)):
            sums[at] = half.sum(data.held[at])
    return sums


def _fit(data: Prepared, chosen: IntArray) -> tuple[FloatArray, float]:
    """Weight and bias of being publishable over not being it."""
    return fit_judge(
        [data.held[at] for at in chosen.tolist()], data.good[chosen], data.worth[chosen], BUCKETS
    )


def learnt(data: Prepared, unseen: FloatArray, telling: IntArray) -> Learned:
    """Weights fitted to everything; sureness and bar from the `unseen` sums of the `telling` examples."""
    weights, bias = _fit(data, np.arange(len(data.held)))
    kept = telling[np.isfinite(unseen[telling])]
    slope, offset = platt(unseen[kept], data.good[kept])
    bar, above = bar_for(
        BAR, sigmoid(slope * unseen[telling].astype(np.float64) + offset), data.good[telling]
    )
    return Learned(weights, bias, slope, offset, bar, above)


def platt(sums: FloatArray, good: IntArray) -> tuple[float, float]:
    """Slope and offset of the most likely logistic curve, by Newton's method with halved steps, with the
    targets of Platt (1999), which are never quite 0 or 1."""
    many, few = int(good.sum()), int((1 - good).sum())
    wanted = np.where(good == 1, (many + 1) / (many + 2), 1 / (few + 2))
    values = np.stack([sums, np.ones(len(sums))], axis=1).astype(np.float64)

    def loss(curve: Doubles) -> float:
        at = values @ curve
        return float((np.logaddexp(0, at) - wanted * at).sum())

    curve = np.zeros(2)
    for _ in range(_ROUNDS):
        likely = sigmoid(values @ curve)
        bend = (values * (likely * (1 - likely))[:, None]).T @ values + 1e-9 * np.eye(2)
        step = np.linalg.solve(bend, values.T @ (likely - wanted))
        while loss(curve - step) > loss(curve) and np.abs(step).max() > _NEGLIGIBLE:
            step /= 2
        curve = curve - step
    return float(curve[0]), float(curve[1])


def sigmoid(values: Doubles) -> Doubles:
    """Without an overflow anywhere."""
    return np.asarray((1 + np.tanh(values / 2)) / 2, np.float64)


def bar_for(precision: float, scores: FloatArray | Doubles, good: IntArray) -> tuple[float, float]:
    """The lowest score from which on at least `precision` are good, and the share that is; where none is so
    good, the score from which on most are. Both have _LEAST marks above themselves."""
    order = np.argsort(-scores, kind="stable")
    shares = np.cumsum(good[order]) / np.arange(1, len(order) + 1)
    shares[: min(_LEAST, len(order)) - 1] = 0
    enough = np.flatnonzero(shares >= precision)
    at = int(enough[-1]) if len(enough) else int(shares.argmax())
    return float(scores[order][at]), float(shares[at])


class RankingValidated(NamedTuple):
    """What unseen marks say: `ranked` is the share of pairs, one good and one not, in the right order;
    `precision` at half of the good ones, `recall` at PRECISION."""

    marks: int
    good: int
    ranked: float
    precision: float
    recall: float


def validated(scores: FloatArray, good: IntArray) -> RankingValidated:
    """Of scores and marks of the same examples; ties count half."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(good[order])
    many, few = int(good.sum()), int(len(good) - good.sum())
    if not many or not few:
        return RankingValidated(len(good), many, float("nan"), float("nan"), float("nan"))
    precision = hits / np.arange(1, len(order) + 1)
    half = int(np.searchsorted(hits, (many + 1) // 2))
    enough = np.flatnonzero(precision >= PRECISION)
    above = (scores[good == 1][:, None] > scores[good == 0]).sum()
    ties = (scores[good == 1][:, None] == scores[good == 0]).sum()
    recall = hits[enough[-1]] / many if len(enough) else 0.0
    return RankingValidated(
        len(good), many, float((above + ties / 2) / (many * few)), float(precision[half]), float(recall)
    )
