"""What policies would have earned, from exposures whose arm was drawn with a known chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from agents.creatives.plan import PAST_POLICY
from agents.exposure_log.offers import never_met, offer_names_of, stated_chances, stated_name
from agents.shelf.sharing import SHARED_POLICY
from models.offpolicy.choice_log import ChoiceLog, choice_log
from models.offpolicy.doubts import doubts_about
from models.offpolicy.estimators import PolicyValue, value_logged, value_policy
from models.offpolicy.policies import greedy_policy, mean_rewards, stated_policy, uniform_policy
from streams import records as r
from streams.loud_end import RefusedError
from streams.wire.ids import hash64

REWARDS: Final = ("clicks", "viewable", "conversions", "value")
_NOT_DRAWN: Final = frozenset({PAST_POLICY, SHARED_POLICY})
_ROUNDING: Final = 1e-6
_NAMED: Final = 3


class PolicyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A policy to be valued: a name of an offer (offers.offer_of, or `*` for the others) -> arm -> chance."""

    name: str
    chances: dict[str, dict[str, float]]


@dataclass
class DrawnExposures:
    """Columns of the exposures that say something: an arm, drawn with a chance that is known."""

    reward_of: Callable[[r.Exposure], float]
    contexts: list[str] = field(default_factory=list)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of each context
    arms: list[str] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    chances: list[float] = field(default_factory=list)
    users: list[int] = field(default_factory=list)
    not_drawn: int = 0

    def add(self, exposure: r.Exposure) -> None:
        """Shared creatives and copy published again were not drawn: they are counted and left out."""
        chance = exposure.propensity
        if not chance or exposure.policy_version is None or exposure.policy_version in _NOT_DRAWN:
            self.not_drawn += 1
            return
        names = offer_names_of(exposure)
        self.names[names[0]] = names
        self.contexts.append(names[0])
        self.arms.append(exposure.arm)
        self.rewards.append(self.reward_of(exposure))
        self.chances.append(min(1.0, chance / (exposure.item_propensity or 1.0)))
        self.users.append(hash64(exposure.user) >> 1)  # unsigned in an int64

    def log(self) -> ChoiceLog:
        """Raises RefusedError when there is nothing."""
        if not self.arms:
            raise RefusedError(
                f"no exposure with an arm that was drawn ({self.not_drawn} without): exposures are written "
                "when their click window closes; see `shiftcast experiment` for what waits"
            )
        users = np.array(self.users, np.int64)
        return choice_log(self.contexts, self.arms, np.array(self.rewards), np.array(self.chances), users)


def reward_of(kind: str, currency: str | None) -> Callable[[r.Exposure], float]:
    """Clicks, conversions, whether it could be seen, or minor units of one currency of an exposure."""
    if kind == "value":
        if currency is None:
            raise RefusedError("money of several currencies cannot be added: name one with --currency")
        return lambda exposure: float(exposure.value_minor.get(currency, 0))
    if kind == "viewable":
        return lambda exposure: float(exposure.viewable)
    return (lambda e: float(e.conversions)) if kind == "conversions" else (lambda e: float(e.clicked))


def read_policy(path: Path) -> PolicyFile:
    """Raises RefusedError for what is no policy."""
    try:
        policy = msgspec.json.decode(path.read_bytes(), type=PolicyFile)
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise RefusedError(
            f'{path}: {error}; give {{"name": "mine", "chances": {{"*": {{"plain.t1": 1.0}}}}}}'
        ) from error
    for context, chances in policy.chances.items():
        total = sum(chances.values())
        if min(chances.values(), default=0.0) < 0 or abs(total - 1) > _ROUNDING:
            raise RefusedError(f'{path}: the chances of "{context}" add up to {total:g}; give shares of 1')
    named = {stated_name(context): chances for context, chances in policy.chances.items()}
    if len(named) < len(policy.chances):
        raise RefusedError(f"{path}: one context stands there twice, its locale in another case: keep one")
    return msgspec.structs.replace(policy, chances=named)


def value_candidates(drawn: DrawnExposures, stated: Mapping[str, PolicyFile]) -> dict[str, PolicyValue]:
    """The logged policy, uniform, greedy, and each policy of a file (by its path). Raises RefusedError."""
    log = drawn.log()
    model = mean_rewards(log)
    found = {"logged": value_logged(log)}
    for name, table in (("uniform", uniform_policy(log)), ("greedy", greedy_policy(log))):
        found[name] = value_policy(log, table, model)
    for path, policy in stated.items():
        try:
            table, lost = stated_policy(log, stated_chances(log, drawn.names, policy.chances))
        except ValueError as error:
            raise RefusedError(f"{path}: {error}") from error
        found[policy.name] = value_policy(log, table, model, float(lost[log.context].mean()))
    return found


def unmet(drawn: DrawnExposures, stated: Mapping[str, PolicyFile]) -> list[str]:
    """One sentence for each context of a policy (by its path) that the log does not have."""
    some = ", ".join(sorted(drawn.names)[:_NAMED])
    return [
        f'{path}: "{context}" matches no exposure: write a context as the log has it, like {some}'
        for path, policy in stated.items()
        for context in never_met(drawn.names, policy.chances)
    ]


def policies_json(values: Mapping[str, PolicyValue]) -> dict[str, Any]:
    """By policy: estimates with their intervals, overlap, doubts."""
    return {
        name: {
            **{each: getattr(value, each)._asdict() for each in ("ips", "snips", "dr")},
            **value.overlap._asdict(),
            "doubts": list(doubts_about(value.overlap)),
        }
        for name, value in values.items()
    }
