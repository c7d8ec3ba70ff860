"""The trigger on sequences of real users, by the vectors that the codes come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.catalog.basis import text_of
from models.catalog.encoder import fit_encoder
from models.catalog.fitting import CLUSTERED, FIT_SEED, refitted
from models.interest.calibration import HIGHEST, LOWEST, fit_kernel, fit_prior
from models.interest.profile import CatalogArrays, typed_arrays
from tests.bench.detector.sequences import (
    FOLDS,
    OLD,
    Fold,
    Sequences,
    folds,
    shuffled_lives,
    spliced,
    stream_of,
)
from tests.bench.detector.streams import TARGET, least_threshold, rate, scan_triggers, score


class Figures(NamedTuple):
    """Means over the folds; `net` = recall less what fires in the same window of the same users without a
    splice."""

    recall_20: float
    net: float
    false_per_1000: float
    median_delay: float
    threshold: float
    codes: float


Fitting = Callable[[Sequences, NDArray[np.bool_]], CatalogArrays]
"""Sequences, and which of them may be fitted on -> the catalogue as the kernels read it."""


def by_text(known: Sequences, fitted: NDArray[np.bool_]) -> CatalogArrays:
    """Clusters of the built-in encoder's vectors."""
    encoder = fit_encoder([text_of(item) for item in known.items], seed=FIT_SEED)
    return _taught(refitted(known.items, encoder, categories=False).arrays(), known, fitted)


WAYS: Final[dict[str, Fitting]] = {"text": by_text}


def measure_sequences(known: Sequences, seed: int) -> dict[str, Figures]:
    """Each way's figures."""
    cut = list(folds(known, np.random.default_rng(seed)))
    return {
        name: Figures(*np.mean([_figures(way(known, fold.fitted), fold, seed) for fold in cut], axis=0))
        for name, way in WAYS.items()
    }


def _figures(catalog: CatalogArrays, fold: Fold, seed: int) -> Figures:
    rng = np.random.default_rng(seed + FOLDS)
    quiet = stream_of(shuffled_lives(fold.calibration, rng), catalog.codes)
    threshold = least_threshold(
        lambda one, h: scan_triggers(one, catalog, CLUSTERED._replace(threshold=h)),
        quiet,
        LOWEST,
        HIGHEST,
        TARGET,
    )
    settings = CLUSTERED._replace(threshold=threshold)
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
        found.median_delay,
        threshold,
        len(np.unique(catalog.codes)),
    )


def _taught(arrays: CatalogArrays, known: Sequences, fitted: NDArray[np.bool_]) -> CatalogArrays:
    """With the prior and the kernel that `calibrate` finds in a log."""
    code = arrays.codes[known.item[fitted]].astype(np.int64)
    return typed_arrays(arrays._replace(prior=fit_prior(code), kernel=fit_kernel(known.user[fitted], code)))
