"""The trigger on sequences of real users, by the vectors that the codes come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.calibration.visits import SESSION_MS
from models.arrays import IntArray
from models.catalog.fitting import CLUSTERED, FIT_SEED, fit_catalog, refitted
from models.catalog.space.basis import fit_basis, item_text_of
from models.catalog.space.coclicks import CoClicks, OrderedPositives, linked
from models.catalog.space.encoder import fit_encoder
from models.interest.detector.shift import DetectorSettings
from models.interest.profile import CatalogArrays, typed_arrays
from models.interest.threshold.calibration import (
    HIGHEST,
    LOWEST,
    Log,
    calibrate,
    false_rate,
    fit_kernel,
    fit_prior,
    positives,
)
from tests.bench.detector.errands import ERRAND, Waited, by_wait, in_sessions
from tests.bench.detector.prices import DRAWS, repriced
from tests.bench.detector.sequences import (
    FOLDS,
    OLD,
    YOUNG,
    Fold,
    Life,
    Sequences,
    folds,
    shuffled_lives,
    spliced,
    stream_of,
)
from tests.bench.detector.streams import (
    MARGIN,
    TARGET,
    WITHIN,
    Stream,
    least_threshold,
    rate,
    scan_triggers,
    score,
)


class Figures(NamedTuple):
    """Means over the folds; `net` = recall less what fires in the same window of the same users without a
    splice; `in_order` = triggers per 1,000 of users as they lived, at the threshold that `calibrate` finds
    in the log that was fitted on. `price_20`, `near_price_20`: recall of changes in price alone, of the DRAWS
    of tests/bench/detector/prices.py; nan without prices. `young_20`: recall of splices after YOUNG positives
    at the threshold that gives TARGET in the first positives of lives, `young_per_1000` of users not seen."""

    recall_20: float
    net: float
    false_per_1000: float
    in_order: float
    median_delay: float
    threshold: float
    codes: float
    price_20: float
    near_price_20: float
    young_20: float
    young_per_1000: float


Fitting = Callable[[Sequences, NDArray[np.bool_]], CatalogArrays]
"""Sequences, and which of them may be fitted on -> the catalogue as the kernels read it."""


def by_text(known: Sequences, fitted: NDArray[np.bool_]) -> CatalogArrays:
    """Clusters of the built-in encoder's vectors."""
    encoder = fit_encoder([item_text_of(item) for item in known.items], seed=FIT_SEED)
    return _taught(refitted(known.items, encoder, categories=False).arrays(), known, fitted)


def by_coclicks(known: Sequences, fitted: NDArray[np.bool_]) -> CatalogArrays:
    """What `index --refit` makes of texts and the log."""
    encoder = fit_encoder([item_text_of(item) for item in known.items], seed=FIT_SEED)
    chosen = OrderedPositives(known.user[fitted], known.item[fitted])
    return _taught(refitted(known.items, encoder, None, False, chosen).arrays(), known, fitted)


def by_propagation(known: Sequences, fitted: NDArray[np.bool_]) -> CatalogArrays:
    """The same with texts spread over the graph of users and items in place of its singular vectors: the mean
    of LAYERS light graph convolutions (He et al. 2020, arXiv 2002.02126)."""
    encoder = fit_encoder([item_text_of(item) for item in known.items], seed=FIT_SEED)
    chosen = OrderedPositives(known.user[fitted], known.item[fitted])
    links, clicked = linked(chosen, len(known.items))
    layer = encoder([item_text_of(item) for item in known.items])[clicked]
    total = np.zeros_like(layer)
    for _ in range(LAYERS):
        layer = links.T @ (links @ layer)
        total += layer
    vectors = np.zeros((len(known.items), layer.shape[1]), np.float32)
    vectors[clicked] = total - total.mean(axis=0)
    users = np.bincount(clicked, np.diff(links.columns.start), len(known.items)).astype(np.int64)
    basis, placed = fit_basis(known.items, encoder, CoClicks(vectors, users))
    made = fit_catalog(known.items, basis, placed, None, False, chosen)
    return _taught(made.arrays(), known, fitted)


SPLICES: Final = 4
"""Of each user whose life is short."""
LAYERS: Final = 3
WAYS: Final[dict[str, Fitting]] = {"text": by_text, "propagated": by_propagation, "co-clicks": by_coclicks}


def measure_sequences(known: Sequences, seed: int) -> dict[str, Figures]:
    """Each way's figures."""
    cut = list(folds(known, np.random.default_rng(seed)))
    return {
        name: Figures(
            *np.mean([_figures(way(known, fold.fitted), known, fold, seed) for fold in cut], axis=0)
        )
        for name, way in WAYS.items()
    }


def measure_waits(known: Sequences, seed: int) -> list[Waited]:
    """Errands and shifts that wait, in sessions of ERRAND positives, by the catalogue that a refit makes:
    means over the folds."""
    found = [
        _waits(by_coclicks(known, fold.fitted), fold, np.random.default_rng(seed + FOLDS))
        for fold in folds(known, np.random.default_rng(seed))
    ]
    return [Waited(int(wait), *rest) for wait, *rest in np.mean(found, axis=0)]


def _waits(catalog: CatalogArrays, fold: Fold, rng: np.random.Generator) -> list[Waited]:
    settings = _calibrated(stream_of(shuffled_lives(fold.calibration, rng), catalog.codes), catalog)
    changed, _, cuts = spliced(fold.scored, rng)
    shifts = in_sessions(stream_of(changed, catalog.codes, cuts), ERRAND)
    own = stream_of(shuffled_lives(fold.scored, rng), catalog.codes)
    return by_wait(in_sessions(own, ERRAND), shifts, catalog, settings, rng)


def _figures(catalog: CatalogArrays, known: Sequences, fold: Fold, seed: int) -> Figures:
    rng = np.random.default_rng(seed + FOLDS)
    settings = _calibrated(stream_of(shuffled_lives(fold.calibration, rng), catalog.codes), catalog)
    changed, same, cuts = spliced(fold.scored, rng)
    found, chance = (
        score(scan_triggers(one, catalog, settings), one)
        for one in (stream_of(of, catalog.codes, cuts) for of in (changed, same))
    )
    fresh = stream_of(
        shuffled_lives([life for life in fold.scored if len(life) >= OLD[0]], rng), catalog.codes
    )
    return Figures(
        found.recall,
        found.recall - chance.recall,
        rate(scan_triggers(fresh, catalog, settings), fresh),
        _in_order(catalog, known, fold, rng),
        found.median_delay,
        settings.threshold,
        len(np.unique(catalog.codes)),
        _of_prices(catalog, known, fold, settings, DRAWS[0], rng),
        _of_prices(catalog, known, fold, settings, DRAWS[1], rng),
        *_of_the_young(catalog, fold, rng),
    )


def _calibrated(quiet: Stream, catalog: CatalogArrays) -> DetectorSettings:
    """With the threshold that these lives want."""
    threshold = least_threshold(
        lambda one, h: scan_triggers(one, catalog, CLUSTERED._replace(threshold=h)),
        quiet,
        LOWEST,
        HIGHEST,
        TARGET * MARGIN,
    )
    return CLUSTERED._replace(threshold=threshold)


def _of_prices(
    catalog: CatalogArrays,
    known: Sequences,
    fold: Fold,
    settings: DetectorSettings,
    draws: int,
    rng: np.random.Generator,
) -> float:
    price = np.array([item.price_minor or np.nan for item in known.items], float)
    if not np.isfinite(price).any():
        return float("nan")
    changed, cuts = repriced(fold.scored, catalog.codes, price, draws, rng)
    one = stream_of(changed, catalog.codes, cuts)
    return score(scan_triggers(one, catalog, settings), one).recall


def _of_the_young(catalog: CatalogArrays, fold: Fold, rng: np.random.Generator) -> tuple[float, float]:
    """(recall, false triggers per 1,000); several splices of each user, since there are few."""
    longest = YOUNG[1] + WITHIN

    def quiet(of: list[Life]) -> Stream:
        lives = [life for _ in range(SPLICES) for life in shuffled_lives(of, rng, longest)]
        return stream_of([life for life in lives if len(life) >= YOUNG[0]], catalog.codes)

    settings = _calibrated(quiet(fold.calibration), catalog)
    changed, cuts = list[Life](), list[IntArray]()
    for _ in range(SPLICES):
        lives, _, cut = spliced(fold.scored, rng, YOUNG, left=0)
        changed += lives
        cuts.append(cut)
    one, fresh = stream_of(changed, catalog.codes, np.concatenate(cuts)), quiet(fold.scored)
    found = score(scan_triggers(one, catalog, settings), one)
    return found.recall, rate(scan_triggers(fresh, catalog, settings), fresh)


def _in_order(catalog: CatalogArrays, known: Sequences, fold: Fold, rng: np.random.Generator) -> float:
    settings = CLUSTERED._replace(bot_per_minute=256)  # never: the lines of an order have one minute
    user, code, ts = (of[fold.fitted] for of in (known.user, catalog.codes[known.item], known.ts))
    pauses = np.diff(ts, prepend=ts[0]) > SESSION_MS
    log = Log(user, np.cumsum(pauses), code, ts, catalog.price_z[known.item[fold.fitted]])
    found = calibrate(log, catalog, settings, TARGET, rng)
    users = np.unique(known.user[fold.held_out], return_inverse=True)[1]
    items, ts = known.item[fold.held_out], known.ts[fold.held_out]
    events = positives(users, catalog.codes[items], ts, catalog.price_z[items])
    return false_rate(events, catalog, settings._replace(threshold=found.threshold))


def _taught(arrays: CatalogArrays, known: Sequences, fitted: NDArray[np.bool_]) -> CatalogArrays:
    """With the prior and the kernel that `calibrate` finds in a log."""
    code = arrays.codes[known.item[fitted]].astype(np.int64)
    return typed_arrays(arrays._replace(prior=fit_prior(code), kernel=fit_kernel(known.user[fitted], code)))
