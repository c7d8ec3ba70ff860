"""Log loss, AUC, calibration and drift against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.click.quality import (
    RECENT,
    Recent,
    auc,
    calibration_by_bin,
    drift_of,
    log_loss,
    quality_of,
)

RATES = np.array([0.1, 0.2, 0.2, 0.6, 0.9])
CLICKED = np.array([False, True, False, False, True])


def test_log_loss_is_the_mean_surprise() -> None:
    said = [0.9, 0.2, 0.8, 0.4, 0.9]
    assert log_loss(RATES, CLICKED) == pytest.approx(-sum(map(math.log, said)) / 5)
    assert math.isfinite(log_loss(np.array([0.0]), np.array([True])))


def test_auc_counts_pairs_and_half_the_ties() -> None:
    pairs = [(a, b) for a, x in zip(RATES, CLICKED, strict=True) for b, y in zip(RATES, CLICKED, strict=True)
             if x and not y]  # fmt: skip
    assert auc(RATES, CLICKED) == pytest.approx(sum((a > b) + (a == b) / 2 for a, b in pairs) / len(pairs))


def test_figures_of_a_right_and_of_a_wrong_opinion() -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(0.01, 0.2, 20_000)
    clicked = rng.random(20_000) < truth
    right, wrong = quality_of(truth, clicked), quality_of(2 * truth, clicked)
    assert right.log_loss is not None and right.base_log_loss is not None and wrong.log_loss is not None
    assert right.log_loss < right.base_log_loss and right.log_loss < wrong.log_loss
    assert right.calibration == pytest.approx(1, abs=0.05) and wrong.calibration == pytest.approx(2, abs=0.1)
    assert right.auc == wrong.auc
    assert right.drift is not None and right.drift < 0.02
    assert np.abs(calibration_by_bin(truth, clicked) - 1).max() < 0.3


def test_drift_is_seen_where_expectations_move() -> None:
    rng = np.random.default_rng(2)
    before = rng.beta(2, 40, 4_000)
    assert drift_of(before, rng.beta(2, 40, 1_000)) < 0.05
    assert drift_of(before, rng.beta(4, 40, 1_000)) > 0.2
    assert drift_of(np.full(100, 0.1), np.full(100, 0.1)) == 0


def test_nothing_is_said_without_both_outcomes() -> None:
    assert quality_of(np.array([0.5, 0.5]), np.array([False, False])) == (2, 0, None, None, None, None, None)
    assert quality_of(np.empty(0), np.empty(0, bool)).showings == 0


def test_only_the_last_expectations_are_kept() -> None:
    recent = Recent()
    recent.add(np.full(RECENT, 0.5), np.ones(RECENT, np.bool_))
    recent.add(np.full(10, 0.25), np.zeros(10, np.bool_))
    assert recent.quality().showings == RECENT and recent.quality().clicks == RECENT - 10
