"""The judge: what speaks against a copy, and how likely an advertiser would run it."""

from __future__ import annotations

from typing import NamedTuple

from models.brief.brief import Brief, Copy
from models.judge.checks import checked
from models.judge.finding import Finding
from models.judge.said import draft_of


class Judged(NamedTuple):
    """`score`: how likely the copy is publishable as it stands, 0..1; 0 with any finding."""

    score: float
    findings: tuple[Finding, ...]


def judge(brief: Brief, copy: Copy) -> Judged:
    """Pure: the same copy and brief, the same judgement. What a rule or a source forbids is the review's."""
    findings = checked(draft_of(brief, copy))
    return Judged(0.0 if findings else 1.0, findings)
