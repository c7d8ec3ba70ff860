"""What an experiment shows, from its exposures: users' totals, then the report as it is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from agents.exposure_log.reading import exposures_of, why_left_out
from agents.exposure_log.withdrawn import MEASURE, read_withdrawn
from models.choice.experiments import is_outside
from models.trial.report import ArmDifference, ArmFigures, TrialReport, report_trial
from models.trial.user_totals import TrialLog
from streams import records as r
from streams.mapping.campaigns import experiment_of
from streams.settings import Settings
from streams.wire.ids import hash64


@dataclass(frozen=True)
class TrialFindings:
    """A report, how many users were seen in two arms, the currency of its money, and by arm the impressions
    of creatives that are not the arm's."""

    report: TrialReport
    mixed: int
    currency: str | None
    outside: Mapping[str, int]


class Exposed(Protocol):
    """What a trial reads of an exposure."""

    @property
    def user(self) -> str: ...
    @property
    def ts(self) -> int: ...
    @property
    def experiments(self) -> Mapping[str, str]: ...
    @property
    def clicked(self) -> bool: ...
    @property
    def conversions(self) -> int: ...
    @property
    def value_minor(self) -> Mapping[str, int]: ...
    @property
    def template_id(self) -> str | None: ...
    @property
    def arm(self) -> str | None: ...
    @property
    def request_id(self) -> str | None: ...


class _Kept(NamedTuple):
    """An exposure without the rest of its record, which takes ten times the memory."""

    user: str
    ts: int
    experiments: Mapping[str, str]
    clicked: bool
    conversions: int
    value_minor: Mapping[str, int]
    template_id: str | None
    arm: str | None
    request_id: str | None  # None: everyone is shown it


_OWN: Final = "own"
"""Stands for the request of a user's own creative."""
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


async def read_trials(
    settings: Settings, began: Sequence[r.ExperimentRecord], files: Sequence[Path]
) -> list[TrialFindings]:
    """Of the topic, or of files of the same records, without users who took measuring back since. Money is of
    the currency most exposures earned in."""
    withdrawn = await read_withdrawn(settings, MEASURE)
    names = {each.experiment_id for each in began}
    start_ms = max((each.experiment.start for each in began), default=0)
    kept: dict[int, _Kept] = {}
    async for each in exposures_of(settings, files):
        if each is None:
            continue
        number = hash64(each.exposure_id)
        kept.pop(number, None)  # delivery is at-least-once: the last counts
        tells = each.ts < start_ms or not names.isdisjoint(each.experiments)
        if tells and not why_left_out(each, withdrawn):
            named = {name: arm for name, arm in each.experiments.items() if name in names} or _NOTHING
            kept[number] = _Kept(
                each.user, each.ts, named, each.clicked, each.conversions, each.value_minor or _NOTHING,
                intern(each.template_id or ""), intern(each.arm or ""), each.request_id and _OWN,
            )  # fmt: skip
    exposures = list(kept.values())
    return [judge_trial(each, exposures) for each in began]


def judge_trial(began: r.ExperimentRecord, exposures: Sequence[Exposed]) -> TrialFindings:
    """Of exposures that count, each once."""
    experiment = began.experiment
    currencies = Counter(
        currency for each in exposures if experiment.id in each.experiments for currency in each.value_minor
    )
    currency = min(currencies, key=lambda name: (-currencies[name], name), default=None)
    log = TrialLog(experiment.start)
    for each in exposures:
        log.add(
            each.user, each.ts, each.experiments.get(experiment.id), each.clicked, each.conversions,
            each.value_minor.get(currency or "", 0),
        )  # fmt: skip
    shares = [(arm.id, arm.share) for arm in experiment.arms]
    report = report_trial(shares, log.totals(), experiment.planned_users)
    return TrialFindings(report, log.mixed, currency, _outside(began, exposures))


def result_of(found: TrialFindings, now_ms: int) -> r.ExperimentResult:
    """The report as ads.experiment.v1 keeps it."""
    report = found.report
    return r.ExperimentResult(
        ts=now_ms,
        arms=[_arm(each, found.outside.get(each.arm, 0)) for each in report.arms],
        effects=[_effect(each) for each in report.differences],
        sample_ratio_p=report.sample_ratio_p,
        mixed=found.mixed,
        currency=found.currency,
    )


def _outside(began: r.ExperimentRecord, exposures: Sequence[Exposed]) -> Counter[str]:
    """Creatives that everyone is shown are of any template; those of before the start may take seconds to
    go."""
    experiment = experiment_of(began.experiment)
    treatments = {each.id: each.treatment for each in experiment.arms}
    found: Counter[str] = Counter()
    for each in exposures:
        arm = each.experiments.get(experiment.id)
        if arm in treatments and experiment.running(each.ts):
            own = each.request_id is not None
            found[arm] += is_outside(treatments[arm], each.template_id or "", each.arm or "", own)
    return found


def _arm(figures: ArmFigures, outside: int) -> r.ArmResult:
    return r.ArmResult(
        figures.arm, figures.users, figures.impressions, figures.clicks, figures.conversions,
        figures.revenue_minor, figures.ctr, figures.cvr, figures.revenue_per_user, outside,
    )  # fmt: skip


def _effect(found: ArmDifference) -> r.ArmEffect:
    return r.ArmEffect(
        found.arm, found.metric, found.difference, found.lo, found.hi, found.lift, found.lift_lo,
        found.lift_hi, found.p, found.saved,
    )  # fmt: skip
