"""Decayed sums of arms, fed by the hours of their cells, and the posterior that is published of one."""

from __future__ import annotations

from typing import Final

import msgspec

from models.measured.decayed import Decayed, reward_counts, usual_values
from models.measured.totals import Totals
from streams import records as r
from streams.mapping.arms import arm_output
from streams.wire.output import Output
from streams.wire.view import View

ARM_ROWS: Final = b"q"
_BETWEEN: Final = "\x1f"
"""No name holds it."""
_DIGITS: Final = 4


def add_to_arm(view: View, outcome: r.Outcome, change: Totals, half_life_ms: int) -> bytes:
    """Add what changed in one hour to the arm of an outcome; returns the key of its row."""
    key = ARM_ROWS + _BETWEEN.join((outcome.campaign_id, outcome.slot, outcome.arm)).encode()
    payload = view.get(key)
    arm = Decayed(half_life_ms) if payload is None else msgspec.msgpack.decode(payload, type=Decayed)
    arm.half_life_ms = half_life_ms  # where the setting was changed, from here on
    impressions, clicks, conversions = map(change.count, ("impressions", "clicks", "conversions"))
    against = change.count("hides") + change.count("reports")
    arm.add(outcome.window, (impressions, clicks, conversions, against), change.value)
    view.put(key, msgspec.msgpack.encode(arm))
    return key


def arm_names(key: bytes) -> tuple[str, str, str]:
    """Campaign, slot and arm of a row."""
    campaign_id, slot, arm = key[len(ARM_ROWS) :].decode().split(_BETWEEN)
    return campaign_id, slot, arm


def posterior_output(view: View, key: bytes, goal: str, life: Totals) -> Output:
    """The posterior of one arm as of now. `life`: totals of its campaign."""
    campaign_id, slot, name = arm_names(key)
    arm = msgspec.msgpack.decode(view.get(key) or b"", type=Decayed).as_of(view.now_ms)
    alpha, beta = reward_counts(arm, goal, usual_values(life.value, life.count("conversions")))
    version = str(view.now_ms)
    record = r.ArmPosterior(campaign_id, slot, name, round(alpha, _DIGITS), round(beta, _DIGITS), version)
    return arm_output(record, view.now_ms)
