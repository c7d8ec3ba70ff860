"""What review objects to."""

from __future__ import annotations

from dataclasses import dataclass

from models.rules import Severity


@dataclass(frozen=True, slots=True)
class ReviewFinding:
    """One objection: `block` and `rewrite` keep copy from being published (rewrite: another draft may pass),
    `warn` is only reported."""

    code: str
    severity: Severity
    field: str
    text: str
    citation: str = ""
