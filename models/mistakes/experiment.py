"""Mistakes of an experiment: arms that mix or do not fill the users, treatments that cannot be given."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from models.brief.brief import STYLES
from models.campaigns import POLICIES, THOMPSON, Experiment, Template, Treatment
from models.mistakes.mistake import Mistake, one_of, twice
from models.mistakes.times import time_mistakes

_SHARES_ALIKE: Final = 1e-6


def experiment_mistakes(experiment: Experiment, templates: Sequence[Template]) -> Iterator[Mistake]:
    """Of an experiment of a campaign with these templates."""
    yield from time_mistakes("experiment", experiment.start_ms, experiment.end_ms)
    yield from twice(
        lambda at: f"experiment.arms[{at}].id", [arm.id for arm in experiment.arms], "its users would mix"
    )
    total = math.fsum(arm.share for arm in experiment.arms)
    if abs(total - 1) > _SHARES_ALIKE:
        severity: Literal["error", "warning"] = "error" if total > 1 or not experiment.arms else "warning"
        rest = "" if total > 1 else f": {1 - total:.0%} of the users are in no arm"
        where = "experiment.arms"
        yield Mistake(
            where, severity, f"have shares that add up to {total:g}{rest}", "shares that add up to 1"
        )
    if len(experiment.arms) == 1:
        yield Mistake("experiment.arms", "warning", "is one alone: there is nothing to compare it with")
    if not experiment.salt:
        yield Mistake("experiment.salt", "warning", "is empty: experiments without one split alike")
    for at, arm in enumerate(experiment.arms):
        yield from _treatment(f"experiment.arms[{at}].treatment", arm.treatment, templates)


def _treatment(where: str, treatment: Treatment, templates: Sequence[Template]) -> Iterator[Mistake]:
    known = sorted({each.template_id for each in templates})
    for at, style in enumerate(treatment.styles):
        yield from one_of(f"{where}.styles[{at}]", style, STYLES)
    for at, template in enumerate(treatment.template_ids):
        yield from one_of(f"{where}.templates[{at}]", template, known)
    yield from one_of(f"{where}.policy", treatment.policy, POLICIES)
    if treatment.detector_target is not None and treatment.threshold is None:
        what = "has no threshold: `shiftcast experiment start` finds it on what the topics hold"
        yield Mistake(f"{where}.detector_target", "error", what)
    drawn = treatment.styles or treatment.template_ids or treatment.policy != THOMPSON
    if treatment.holdout and drawn:
        what = "is true, so nothing is drawn: its styles, templates and policy mean nothing"
        yield Mistake(f"{where}.holdout", "warning", what)
