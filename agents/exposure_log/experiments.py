"""Experiments on the broker: what began, what it makes of arms that were typed, how one starts and ends."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from agents.calibration.threshold import MOST_FALSE, propose
from models.choice.experiment_ledger import ExperimentLedger
from models.mistakes.experiment import experiment_mistakes
from streams import records as r
from streams.broker.follow import Follower
from streams.broker.producer import send_once
from streams.loud_end import RefusedError
from streams.mapping.campaigns import campaign_of, experiment_of
from streams.mapping.experiments import (
    FINISHED,
    KEPT_DAYS,
    RUNNING,
    experiment_output,
    note_experiment,
    outlives_exposures,
)
from streams.settings import Settings
from streams.topics import CAMPAIGN, EXPERIMENT, TopicSpec

_ARM_EXAMPLE: Final = "--arm usual=0.5 --arm bold=0.5:styles=benefit+question,policy=uniform"


@dataclass
class KnownExperiments:
    """Campaigns and experiments as the broker has them."""

    campaigns: dict[str, r.Campaign] = field(default_factory=dict)
    records: dict[str, r.ExperimentRecord] = field(default_factory=dict)
    ledger: ExperimentLedger = field(default_factory=ExperimentLedger)

    def on_record(
        self, spec: TopicSpec, key: str, record: r.Record | None, _headers: Any, _append_ts: int
    ) -> None:
        """What a Follower calls."""
        if spec.name == EXPERIMENT.name:
            note_experiment(self.ledger, key, record)
        held: dict[str, Any] = self.records if spec.name == EXPERIMENT.name else self.campaigns
        if record is None:
            held.pop(key, None)
        else:
            held[key] = record

    def copywriters_left(self, ending: Collection[str], now_ms: int) -> set[str]:
        """What wrote for arms of experiments that end and writes for no other."""
        ended = (each for id, each in self.records.items() if id in ending)
        mine = set[str]().union(*map(copywriters_of, ended))
        others = (each for id, each in self.records.items() if id not in ending and each.status == RUNNING)
        return mine.difference(*(copywriters_of(each) for each in others if now_ms < each.experiment.end))

    def named(self, experiment_id: str) -> r.ExperimentRecord:
        """Raises RefusedError when there is none."""
        if experiment_id not in self.records:
            raise RefusedError(f'no experiment is called "{experiment_id}": {_listed(self.records)}')
        return self.records[experiment_id]

    def begin(self, campaign_id: str, experiment: r.Experiment, by: str) -> r.ExperimentRecord:
        """The record that starts an experiment. Raises RefusedError for one that cannot run."""
        if not experiment.id.strip():
            raise RefusedError("the experiment has no name to find it by: give one with --id NAME")
        campaign = self.campaigns.get(campaign_id)
        if campaign is None:
            raise RefusedError(f'no campaign is called "{campaign_id}": {_listed(self.campaigns)}')
        if outlives := outlives_exposures(experiment):
            fewer = f"give --days {KEPT_DAYS:g} or fewer, and when it has ended start another with a new id"
            raise RefusedError(f"experiment {experiment.id} {outlives}; {fewer}")
        plain = experiment_of(experiment)
        for each in experiment_mistakes(plain, campaign_of(campaign).templates):
            if each.severity == "error":
                raise RefusedError(str(each))
        why = self.ledger.refusal(campaign_id, plain, experiment.start)
        if why is None and self.ledger.knows(plain):
            why = f"experiment {experiment.id} began already: an id names one experiment"
        if why is not None:
            raise RefusedError(why)
        return r.ExperimentRecord(experiment.id, campaign_id, experiment, RUNNING, by)

    def end(self, experiment_id: str, result: r.ExperimentResult, by: str, now_ms: int) -> r.ExperimentRecord:
        """The record that ends one now; of one that ended before, the same with the newer result."""
        began = self.named(experiment_id)
        end = min(began.experiment.end, max(now_ms, began.experiment.start + 1))
        stopped = msgspec.structs.replace(began.experiment, end=end)
        return msgspec.structs.replace(began, experiment=stopped, status=FINISHED, by=by, result=result)

    def to_record(self, looked: Sequence[r.ExperimentRecord], settled_ms: int) -> list[r.ExperimentRecord]:
        """What newer looks add to the records as they stand now; a look that sees fewer users than the one
        before came after retention had removed exposures, and its figures are not taken. `settled_ms`: what
        was shown by then is settled: an experiment that ended before is finished."""
        found = []
        for each in looked:
            now = self.records.get(each.experiment_id)
            if now is None:
                continue
            newer = _users(each.result) >= _users(now.result)
            after = msgspec.structs.replace(
                now,
                result=each.result if newer else now.result,
                status=FINISHED if now.experiment.end <= settled_ms else now.status,
            )
            if newer or after != now:
                found.append(after)
        return found


def _users(result: r.ExperimentResult | None) -> int:
    return 0 if result is None else sum(each.users for each in result.arms)


def copywriters_of(record: r.ExperimentRecord) -> set[str]:
    """NAME/VERSION of what writes for its arms."""
    return {arm.treatment.copywriter for arm in record.experiment.arms if arm.treatment.copywriter}


async def with_thresholds(settings: Settings, arms: Sequence[r.ExperimentArm]) -> list[r.ExperimentArm]:
    """The arms, each detector target with the threshold that gives it on what the topics hold. Raises
    RefusedError without a catalogue or with too few positives."""
    found = []
    for arm in arms:
        target = arm.treatment.detector_target
        if target is not None:
            threshold = (await propose(settings, target)).calibration.threshold
            treatment = msgspec.structs.replace(arm.treatment, threshold=round(threshold, 4))
            arm = msgspec.structs.replace(arm, treatment=treatment)
        found.append(arm)
    return found


async def known_experiments(settings: Settings) -> KnownExperiments:
    """Raises RefusedError without a broker or topics."""
    known = KnownExperiments()
    follower = Follower(settings, (CAMPAIGN, EXPERIMENT), known.on_record)
    await follower.start()
    await follower.stop()
    return known


async def publish_experiment(settings: Settings, record: r.ExperimentRecord, now_ms: int) -> None:
    """Send it; returns when the broker has it."""
    await send_once(settings, [experiment_output(record, now_ms)])


def arm_of_text(text: str) -> r.ExperimentArm:
    """`NAME=SHARE` or `NAME=SHARE:TREATMENT,...`; a treatment is holdout, styles=A+B, templates=A+B,
    policy=NAME, copywriter=NAME/VERSION or detector=TARGET. Raises RefusedError."""
    head, _, said = text.partition(":")
    name, _, share = head.partition("=")
    number = _number(share)
    if not name or not 0 < number <= 1:
        raise RefusedError(f'arm "{text}" is not NAME=SHARE, a share in (0, 1]: {_ARM_EXAMPLE}')
    given: dict[str, Any] = {}
    for part in filter(None, said.split(",")):
        key, _, value = part.partition("=")
        if key == "holdout" and not value:
            given[key] = True
        elif key in ("styles", "templates") and value:
            given[key] = value.split("+")
        elif key in ("policy", "copywriter") and value:
            given[key] = value
        elif key == "detector" and 0 < _number(value) <= MOST_FALSE:
            given["detector_target"] = _number(value)
        else:
            raise RefusedError(
                f'arm "{name}": "{part}" is no treatment; give holdout, styles=A+B, templates=A+B, '
                "policy=uniform, copywriter=NAME/VERSION or detector=FALSE_TRIGGERS_PER_1000"
            )
    return r.ExperimentArm(name, number, r.Treatment(**given))


def _number(text: str) -> float:
    """Nothing that any range holds where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _listed(known: dict[str, Any]) -> str:
    return "there is " + ", ".join(sorted(known)[:12]) if known else "there is none yet"
