"""Arms of an experiment that trigger by a threshold of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from agents.profiles.reference import ProfilesSnapshot
from agents.profiles.thresholds import thresholds_of
from models.campaigns import Experiment, ExperimentArm, Treatment
from models.choice.experiments import arm_of
from models.event.layout import EVENT
from models.interest.detector.shift import DetectorSettings

KEYS = [f"u{n}".encode() for n in range(60)]
ARMS = (ExperimentArm("usual", 0.5), ExperimentArm("eager", 0.5, Treatment(threshold=2.5)))
EAGER = Experiment("e1", "salt", ARMS, 100, 200)
CALM = DetectorSettings(threshold=8.0)


@dataclass
class Reference:
    detector_trials: tuple[Experiment, ...]
    detector: DetectorSettings = CALM


def events(ts: int) -> Any:
    rows = np.zeros(len(KEYS), EVENT)
    rows["user"], rows["ts"] = np.arange(len(KEYS)), ts
    return rows


def found(ts: int, *trials: Experiment) -> Any:
    return thresholds_of(events(ts), KEYS, cast(ProfilesSnapshot, Reference(trials)))


def test_users_of_an_arm_have_its_threshold_while_the_experiment_runs() -> None:
    eager = [arm_of(EAGER, key.decode()) == "eager" for key in KEYS]
    assert 10 < sum(eager) < 50
    np.testing.assert_array_equal(found(150, EAGER), np.where(eager, 2.5, 8.0))
    for outside in (99, 200):
        assert set(found(outside, EAGER).tolist()) == {8.0}


def test_the_first_experiment_of_a_user_counts() -> None:
    other = replace(EAGER, id="e2", salt="s2", arms=(ExperimentArm("all", 1.0, Treatment(threshold=5.0)),))
    eager = [arm_of(EAGER, key.decode()) == "eager" for key in KEYS]
    np.testing.assert_array_equal(found(150, EAGER, other), np.where(eager, 2.5, 5.0))


def test_without_such_an_experiment_nothing_is_made() -> None:
    assert not len(found(150))
