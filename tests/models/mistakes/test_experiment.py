"""Mistakes in the treatments of an experiment."""

from __future__ import annotations

from models.campaigns import Experiment, ExperimentArm, Template, Treatment
from models.mistakes.experiment import experiment_mistakes

TEMPLATES = [Template("t1", "native", "en", "h", "d", "c")]


def said_of(treatment: Treatment) -> list[str]:
    arms = (ExperimentArm("a", 0.5), ExperimentArm("b", 0.5, treatment))
    trial = Experiment("e", "s", arms, 1_760_000_000_000, 1_770_000_000_000)
    return [f"{each.severity} {each}" for each in experiment_mistakes(trial, TEMPLATES)]


def test_treatments_that_can_be_given_have_no_mistake() -> None:
    given = Treatment(styles=("direct",), template_ids=("t1",), policy="uniform")
    assert said_of(given) == said_of(Treatment(holdout=True)) == []


def test_what_cannot_be_given_is_named_with_what_was_probably_meant() -> None:
    style, template, policy = said_of(Treatment(styles=("Direct",), template_ids=("t2",), policy="unifrm"))
    assert style.startswith('error experiment.arms[1].treatment.styles[0] is "Direct"')
    assert template.endswith('is "t2"; allowed: t1')
    assert policy.endswith('allowed: thompson, uniform; probably meant: "uniform"')


def test_a_detector_target_needs_the_threshold_that_start_finds() -> None:
    (target,) = said_of(Treatment(detector_target=5.0))
    assert "experiment start" in target
    assert said_of(Treatment(detector_target=5.0, threshold=7.1)) == []


def test_a_holdout_draws_nothing() -> None:
    (holdout,) = said_of(Treatment(holdout=True, styles=("direct",)))
    assert holdout.startswith("warning experiment.arms[1].treatment.holdout")
