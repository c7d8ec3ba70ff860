"""The demo's experiment: a holdout on the campaign that its users want most, and what personal creatives earn
over the defaults that everyone sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from agents.demo.crowd import Crowd
from agents.exposure_log.experiments import publish_experiment
from agents.exposure_log.trials import TrialFindings, read_trials, result_of
from models.choice.experiments import arm_of
from models.item import Item
from models.world.traffic import Traffic
from streams import records as r
from streams.mapping.campaigns import experiment_of
from streams.mapping.experiments import RUNNING
from streams.settings import Settings
from streams.topics import DAY_MS
from streams.unix_time import unix_ms

DEFAULTS: Final = "default"
PERSONAL: Final = "personal"
HELD_OUT_SHARE: Final = 0.4
_DAYS: Final = 14


class DemoTrial:
    """`campaigns` are to be sent instead of those given: one of them states the experiment."""

    def __init__(self, campaigns: Sequence[r.Campaign], crowd: Crowd, begun_ms: int) -> None:
        """It runs from before the users' history on, so that nobody held out ever had a creative."""
        self._crowd = crowd
        self.campaign_id = most_wanted(campaigns, crowd.traffic)
        start_ms = begun_ms - int((crowd.plan.days + 1) * DAY_MS)
        trial = holdout(f"demo-{crowd.plan.tag}holdout", start_ms, crowd.plan.users)
        self._experiment = experiment_of(trial)
        self._began = r.ExperimentRecord(trial.id, self.campaign_id, trial, RUNNING)
        self.campaigns = [
            msgspec.structs.replace(each, experiment=trial) if each.campaign_id == self.campaign_id else each
            for each in campaigns
        ]

    async def look(self, settings: Settings) -> dict[str, Any]:
        """What it shows by now, beside the truth; recorded for the page."""
        [found] = await read_trials(settings, [self._began], [])
        record = msgspec.structs.replace(self._began, result=result_of(found, unix_ms()))
        await publish_experiment(settings, record, unix_ms())
        truth = self._crowd.true_ctr(self.campaign_id, lambda user: arm_of(self._experiment, user))
        return {"campaign": self.campaign_id, **lift_of(found, truth)}


def holdout(name: str, start_ms: int, users: int) -> r.Experiment:
    """Defaults alone, the control, against what the campaign does."""
    arms = [
        r.ExperimentArm(DEFAULTS, HELD_OUT_SHARE, r.Treatment(holdout=True)),
        r.ExperimentArm(PERSONAL, 1 - HELD_OUT_SHARE),
    ]
    return r.Experiment(name, name, arms, start_ms, start_ms + _DAYS * DAY_MS, users)


def most_wanted(campaigns: Sequence[r.Campaign], traffic: Traffic) -> str:
    """Id of the campaign whose categories these users want most."""
    wanted = dict(zip(traffic.categories, traffic.popularity.tolist(), strict=True))

    def weight(campaign: r.Campaign) -> float:
        return sum(wanted[name] for name, items in traffic.items.items() if _advertises(campaign, items[0]))

    return max(campaigns, key=lambda each: (weight(each), each.campaign_id)).campaign_id


def _advertises(campaign: r.Campaign, item: Item) -> bool:
    return not campaign.items.cat or bool(set(campaign.items.cat) & set(item.categories))


def lift_of(found: TrialFindings, true_ctr: Mapping[str, float | None]) -> dict[str, Any]:
    """The click rate of users with personal creatives over that of users held out, with an interval that
    holds at every look; `true_ctr`: by arm, what their impressions were truly worth."""
    effect = next((each for each in found.report.differences if each.metric == "ctr"), None)
    personal, defaults = true_ctr.get(PERSONAL), true_ctr.get(DEFAULTS)
    return {
        "users": {each.arm: each.users for each in found.report.arms},
        "impressions": {each.arm: each.impressions for each in found.report.arms},
        "ctr": {each.arm: _rounded(each.ctr) for each in found.report.arms},
        "lift": _rounded(effect.lift) if effect else None,
        "lo": _rounded(effect.lift_lo) if effect else None,
        "hi": _rounded(effect.lift_hi) if effect else None,
        "true_ctr": {arm: _rounded(value) for arm, value in true_ctr.items()},
        "true_lift": _rounded(personal / defaults - 1) if personal and defaults else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)
