"""All checks in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from models.judge.finding import Finding
from models.judge.grammar import grammar
from models.judge.moment import moment
from models.judge.named import named
from models.judge.repeats import repeats
from models.judge.said import Draft
from models.judge.tongue import tongue
from models.judge.wholeness import wholeness

CHECKS: Final[tuple[Callable[[Draft], Iterator[Finding]], ...]] = (
    wholeness, tongue, named, grammar, repeats, moment
)  # fmt: skip


def checked(draft: Draft) -> tuple[Finding, ...]:
    """What the checks find, in their order."""
    return tuple(finding for check in CHECKS for finding in check(draft))
