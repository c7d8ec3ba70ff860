"""What arms earned by stretches of time, fed by the hours of their cells, and the posterior that is published
of one."""

from __future__ import annotations

from typing import Final

import msgspec

from models.choice.selection import Posterior, assumed_rate, base_rate
from models.measured.arm_change import standing_counts
from models.measured.arm_memory import ArmMemory, Earned, reward_counts, rewarded_goal, usual_values
from models.measured.totals import Totals
from streams import records as r
from streams.mapping.arms import arm_output
from streams.wire.output import Output
from streams.wire.view import View

ARM_ROWS: Final = b"q"
_BETWEEN: Final = "\x1f"
"""No name holds it."""
_DIGITS: Final = 4


def with_faded_sums(payload: bytes) -> bytes:
    """Version 1 to 2 of a row: sums of all hours at one time, which no stretch can hold."""
    half_life_ms, at_ms, *earned = msgspec.msgpack.decode(payload)
    before = (at_ms, half_life_ms, earned) if at_ms else None
    return msgspec.msgpack.encode((half_life_ms, {}, before))


def add_to_arm(view: View, outcome: r.Outcome, change: Totals, half_life_ms: int) -> bytes:
    """Add what changed in one hour to the arm of an outcome; returns the key of its row."""
    key = ARM_ROWS + _BETWEEN.join((outcome.campaign_id, outcome.slot, outcome.arm)).encode()
    payload = view.get(key)
    arm = ArmMemory(half_life_ms) if payload is None else _read(payload)
    arm.half_life_ms = half_life_ms  # where the setting was changed, from here on
    arm.add(outcome.window, _earned(change))
    view.put(key, msgspec.msgpack.encode(arm))
    return key


def arm_names(key: bytes) -> tuple[str, str, str]:
    """Campaign, slot and arm of a row."""
    campaign_id, slot, arm = key[len(ARM_ROWS) :].decode().split(_BETWEEN)
    return campaign_id, slot, arm


def posterior_output(view: View, key: bytes, goal: str, life: Totals) -> Output:
    """The posterior of one arm as of now. `life`: totals of its campaign."""
    campaign_id, slot, name = arm_names(key)
    goal = rewarded_goal(goal, life.count("viewable"))
    usual = usual_values(life.value, life.count("conversions"))
    rate = base_rate([Posterior(*reward_counts(_earned(life), goal, usual))], assumed_rate(goal))
    alpha, beta = standing_counts(_read(view.get(key) or b""), view.now_ms, goal, usual, rate)
    version = str(view.now_ms)
    record = r.ArmPosterior(campaign_id, slot, name, round(alpha, _DIGITS), round(beta, _DIGITS), version)
    return arm_output(record, view.now_ms)


def _read(payload: bytes) -> ArmMemory:
    return msgspec.msgpack.decode(payload, type=ArmMemory)


def _earned(of: Totals) -> Earned:
    impressions, clicks, conversions = map(of.count, ("impressions", "clicks", "conversions"))
    against = of.count("hides") + of.count("reports")
    return Earned(impressions, clicks, conversions, against, dict(of.value), of.count("viewable"))
