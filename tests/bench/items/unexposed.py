"""What users take by themselves as a prior of the choice, where the catalogue was fitted on no log and no
exposure was learnt: what a market begins with."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.catalog.version import Catalog
from models.choice.expected_takes import TakesOpinion, item_traits
from models.click.behaviour import BEHAVIOUR, CONTRASTS, ItemTraits, Positives, learn_behaviour, lessons_of
from models.click.features import feature_slots_of, tokens_of
from models.click.learner import expected_rates
from models.click.model import ClickLearner, ClickModel
from models.click.quality import Quality, quality_of
from tests.bench.detector.sequences import Sequences

LOSSES: Final = {
    "log loss": BEHAVIOUR,
    "balanced": BEHAVIOUR._replace(positive=float(CONTRASTS)),
    "focal, gamma 2": BEHAVIOUR._replace(gamma=2.0),
}
_SEED: Final = 1


class Learnt(NamedTuple):
    """By loss: the model, and how good it is on later lessons of other users."""

    opinions: dict[str, TakesOpinion]
    quality: dict[str, Quality]


def unfitted(catalog: Catalog) -> Catalog:
    """The same with nothing but what its texts say."""
    return replace(catalog, popularity=catalog.popularity[:0], complements=catalog.complements[:0])


def learn(known: Sequences, catalog: Catalog, fitted: NDArray[np.bool_], later: NDArray[np.bool_]) -> Learnt:
    """A model of each loss from the positives `fitted`, judged on those `later`."""
    items = [item_traits(catalog, row) for row in range(len(catalog.items))]
    asked, taken = _lessons(_positives(known, later), items)
    opinions, quality = dict[str, TakesOpinion](), dict[str, Quality]()
    for name, learning in LOSSES.items():
        learner = ClickLearner.fresh(learning)
        learn_behaviour(learner, _positives(known, fitted), items, np.random.default_rng(_SEED))
        quality[name] = quality_of(expected_rates(learner.click.weights, asked, learning), taken)
        opinions[name] = TakesOpinion(_version(learner))
    return Learnt(opinions, quality)


def _positives(known: Sequences, of: NDArray[np.bool_]) -> Positives:
    return Positives(known.user[of], known.item[of], np.zeros(np.count_nonzero(of), np.int64))


def _lessons(positives: Positives, items: list[ItemTraits]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    lessons = list(lessons_of(positives, items, np.random.default_rng(_SEED)))
    slots = feature_slots_of(tokens_of([each.asked for each in lessons]))
    return slots, np.array([each.taken for each in lessons], np.bool_)


def _version(learner: ClickLearner) -> ClickModel:
    nothing = Quality(0, 0)
    return ClickModel(
        1, learner.learning, learner.click.weights, learner.conversion.weights, learner.exposures,
        learner.clicks, nothing, nothing,
    )  # fmt: skip


def print_quality(halves: list[dict[str, Quality]]) -> None:
    """A table, means over the halves."""
    title = "is it taken: later months of other users"
    print(f"\n{title:46} {'log loss':>8} {'base':>6} {'AUC':>5}")
    for name in halves[0]:
        rows = [(each[name].log_loss, each[name].base_log_loss, each[name].auc) for each in halves]
        loss, base, auc = np.mean(np.array(rows, float), axis=0)
        print(f"{name:46} {loss:8.3f} {base:6.3f} {auc:5.3f}")
