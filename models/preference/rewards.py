"""Rule rewards: what any copy must keep, whatever its readers like. The same review that guards publication
says what is broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from models.brief.brief import Brief, Copy
from models.review.judging import review
from models.rules import load_rules

_FACTS: Final = ("UNSUPPORTED_PRICE", "UNSUPPORTED_NUMBER", "UNSUPPORTED_NAME", "UNSUPPORTED_ATTRIBUTE")
_FORM: Final = ("LENGTH", "EMPTY", "UNFINISHED")


@dataclass(frozen=True, slots=True)
class Broken:
    """Which kinds of rule a copy breaks; all of them when there is no copy at all."""

    length: bool
    facts: bool
    policy: bool

    @property
    def any(self) -> bool:
        return self.length or self.facts or self.policy


def broken_rules(copy: Copy | None, brief: Brief) -> Broken:
    """What `copy` breaks: limits and form; numbers, prices, names, attributes without a fact; anything else
    that keeps it from publication."""
    if copy is None:
        return Broken(True, True, True)
    codes = {
        finding.code
        for finding in review(copy, brief, load_rules(brief.markets))
        if finding.severity != "warn"
    }
    return Broken(bool(codes & {*_FORM}), bool(codes & {*_FACTS}), bool(codes - {*_FORM, *_FACTS}))


def rule_reward(copy: Copy | None, brief: Brief) -> float:
    """1 for copy that keeps all rules, a third less for each kind it breaks."""
    broken = broken_rules(copy, brief)
    return 1.0 - (broken.length + broken.facts + broken.policy) / 3
