"""The judge: what speaks against a copy, and how likely an advertiser would run it."""

from __future__ import annotations

from typing import NamedTuple

from models.brief.brief import Brief, Copy
from models.judge.checks import checked
from models.judge.features import judge_features
from models.judge.finding import Finding
from models.judge.learned import buckets, load_learned
from models.judge.said import draft_of


class Judged(NamedTuple):
    """`score`: how likely the copy is publishable as it stands, 0..1; 0 with any finding."""

    score: float
    findings: tuple[Finding, ...]

    @property
    def publishable(self) -> bool:
        """Whether the score reaches the bar of the fit."""
        return self.score >= load_learned().bar


def judge(brief: Brief, copy: Copy) -> Judged:
    """Pure: the same copy and brief, the same judgement. What a rule or a source forbids is the review's."""
    draft = draft_of(brief, copy)
    findings = checked(draft)
    score = 0.0 if findings else load_learned().score(buckets(judge_features(draft, findings)))
    return Judged(score, findings)
