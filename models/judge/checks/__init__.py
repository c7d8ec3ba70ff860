"""All checks in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from models.judge.checks.german import german
from models.judge.checks.grammar import grammar
from models.judge.checks.moment import moment
from models.judge.checks.named import named
from models.judge.checks.repeats import repeats
from models.judge.checks.tongue import tongue
from models.judge.checks.wholeness import wholeness
from models.judge.finding import Finding
from models.judge.said import CopyBesideBrief

CHECKS: Final[tuple[Callable[[CopyBesideBrief], Iterator[Finding]], ...]] = (
    wholeness, tongue, named, grammar, german, repeats, moment
)  # fmt: skip


def checked(draft: CopyBesideBrief) -> tuple[Finding, ...]:
    """What the checks find, in their order."""
    return tuple(finding for check in CHECKS for finding in check(draft))
