"""Shuffled replay: what it keeps, and that the threshold found holds."""

from __future__ import annotations

import numpy as np
import pytest

from models.interest.detector.shift import DetectorSettings
from models.interest.threshold.calibration import (
    Log,
    calibrate,
    false_rate,
    fit_kernel,
    fit_prior,
    positives,
    shuffled,
)
from models.world.interests import Shift, draw_population, zipf
from tests.models.streams_of_events import small_catalog


def test_shuffling_keeps_users_codes_and_short_runs() -> None:
    user = np.repeat([5, 9], 12)
    session = np.tile(np.repeat([0, 1, 2], [6, 4, 2]), 2)
    code = np.arange(24)
    ts = 1_000_000 + 60_000 * np.arange(24)
    events = shuffled(Log(user, session, code, ts), np.random.default_rng(0))
    assert sorted(events["code"][events["user"] == 0]) == list(range(12))
    runs = np.split(events["code"], np.flatnonzero(np.diff(events["ts"]) == 3_600_000) + 1)
    blocks = {tuple(run.tolist()) for run in runs}
    assert blocks == {
        (0, 1, 2, 3),
        (4, 5),
        (6, 7, 8, 9),
        (10, 11),
        (12, 13, 14, 15),
        (16, 17),
        (18, 19, 20, 21),
        (22, 23),
    }
    assert events["code"].tolist() != list(range(24))
    events = shuffled(Log(user, session, code, ts), np.random.default_rng(0), None)
    runs = np.split(events["code"], np.flatnonzero(np.diff(events["ts"]) == 3_600_000) + 1)
    assert {len(run) for run in runs} == {6, 4, 2} and (0, 1, 2, 3, 4, 5) in {tuple(run) for run in runs}


def test_sticky_sessions_ask_for_a_higher_threshold() -> None:
    """Users who stay with one code for a session of ten, another the next time: nothing shifts."""
    rng = np.random.default_rng(5)
    users, sessions, length = 200, 6, 10
    user = np.repeat(np.arange(users), sessions * length)
    session = np.tile(np.repeat(np.arange(sessions), length), users)
    tastes = rng.integers(0, 20, (users, 3))
    theme = tastes[np.arange(users)[:, None], rng.integers(0, 3, (users, sessions))]
    stray = rng.random(len(user)) < 0.2
    code = np.where(stray, rng.integers(0, 20, len(user)), np.repeat(theme.ravel(), length))
    log = Log(user, session, code, 1_000_000 + 60_000 * np.arange(len(user)) + 7_200_000 * session)
    catalog, knobs = small_catalog(), DetectorSettings()
    found = calibrate(log, catalog, knobs, 5.0, np.random.default_rng(2))
    at_found = knobs._replace(threshold=found.threshold)
    whole = false_rate(shuffled(log, np.random.default_rng(3), None), catalog, at_found)
    cut = false_rate(shuffled(log, np.random.default_rng(3)), catalog, at_found)
    assert whole <= 7 and cut < 0.6 * whole, "cut sessions alone would ask for less"


def test_calibrated_threshold_holds_on_fresh_users_and_is_reproducible() -> None:
    rng = np.random.default_rng(1)
    catalog = small_catalog()
    popularity = zipf(20, 0.7)
    known, fresh = (draw_population(rng, 700, Shift.NONE, popularity) for _ in range(2))
    log = Log(known.user, known.session, known.category, known.ts)
    found = calibrate(log, catalog, DetectorSettings(), 5.0, np.random.default_rng(2))
    assert found == calibrate(log, catalog, DetectorSettings(), 5.0, np.random.default_rng(2))
    assert found.false_per_1000 <= 5
    rate = false_rate(
        positives(fresh.user, fresh.category, fresh.ts), catalog, DetectorSettings(threshold=found.threshold)
    )
    assert 3 <= rate <= 7
    stricter = calibrate(log, catalog, DetectorSettings(), 2.0, np.random.default_rng(2))
    assert stricter.threshold > found.threshold


def test_too_few_positives_are_refused() -> None:
    few = np.zeros(10, np.int64)
    with pytest.raises(ValueError, match="at least 1,000"):
        calibrate(Log(few, few, few, few), small_catalog(), DetectorSettings(), 5.0, np.random.default_rng(0))


def test_kernel_and_prior_by_hand() -> None:
    kernel = fit_kernel(np.zeros(2, np.int64), np.array([0, 1]), 0.2)
    assert kernel[:2, :2].tolist() == pytest.approx(np.array([[0.8, 0.2], [0.2, 0.8]]))
    assert kernel[5, 5] == 1
    np.testing.assert_allclose(kernel.sum(axis=0), 1, rtol=1e-6)
    prior = fit_prior(np.array([0, 0, 0, 1]))
    assert (
        prior[0] == pytest.approx(3 * prior[1], rel=1e-3)
        and prior.min() > 0
        and prior.sum() == pytest.approx(1)
    )
