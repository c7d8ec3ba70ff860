"""The experiments as the page shows them: what runs, what was looked at last, what ended."""

from __future__ import annotations

from typing import Any, Final

from models.money import EXPONENTS, currency_index
from models.trial.sample_ratio import MISMATCH_P
from streams import records as r
from streams.topics import TopicSpec
from streams.wire.codecs import Headers

SHOWN: Final = 12


class ExperimentBoard:
    """Takes what a Follower of ads.experiment.v1 brings."""

    def __init__(self) -> None:
        self._records: dict[str, r.ExperimentRecord] = {}

    def on_record(
        self, _spec: TopicSpec, key: str, record: r.Record | None, _headers: Headers, _append_ts: int
    ) -> None:
        """A null takes an experiment back."""
        if isinstance(record, r.ExperimentRecord):
            self._records[key] = record
        else:
            self._records.pop(key, None)

    def public(self) -> list[dict[str, Any]]:
        """Newest first; nothing about a user."""
        newest = sorted(self._records.values(), key=lambda each: -each.experiment.start)
        return [_shown(each) for each in newest[:SHOWN]]


def _shown(record: r.ExperimentRecord) -> dict[str, Any]:
    result, trial = record.result, record.experiment
    return {
        "id": record.experiment_id,
        "campaign_id": record.campaign_id,
        "status": record.status,
        "start_ms": trial.start,
        "end_ms": trial.end,
        "looked_ms": None if result is None else result.ts,
        "mismatch": result is not None and result.sample_ratio_p < MISMATCH_P,
        "arms": [_arm(arm, result) for arm in trial.arms],
    }


def _arm(arm: r.ExperimentArm, result: r.ExperimentResult | None) -> dict[str, Any]:
    """Users and rates of an arm, and its lifts over the control with their intervals."""
    figures = next((each for each in result.arms if each.arm == arm.id), None) if result else None
    effects = [each for each in result.effects if each.arm == arm.id] if result else []
    return {
        "arm": arm.id,
        "share": arm.share,
        "holdout": arm.treatment.holdout,
        "users": figures.users if figures else None,
        "ctr": figures.ctr if figures else None,
        "cvr": figures.cvr if figures else None,
        "revenue": _revenue(figures, result.currency) if figures and result else None,
        "lifts": {each.metric: [each.lift, each.lift_lo, each.lift_hi] for each in effects},
    }


def _revenue(figures: r.ArmResult, currency: str | None) -> str | None:
    """Per user, in words; None where nothing was earned by anybody."""
    if currency is None or figures.revenue_per_user is None:
        return None
    places = EXPONENTS[currency_index(currency)]
    return f"{figures.revenue_per_user / 10**places:,.{places + 2}f} {currency}"
