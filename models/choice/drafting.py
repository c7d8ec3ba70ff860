"""Drafts of one call of a copywriter: which of them may go out, and which one does. What is served live, what
`model evaluate` measures and what readers get are chosen here. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from models.brief.brief import Brief, Copy
from models.choice.ranking import CopyRank, best
from models.judge import Judged, judge
from models.review.judging import ReviewFinding, accepted, review
from models.rules import Rules
from models.text.variety import Pairs, new_share, said_pairs

BELOW_BAR: Final = "BELOW_BAR"
"""Code of a draft that review accepts, no check objects to, and readers would hardly run."""

RulesOf = Callable[[tuple[str, ...]], Rules]
"""The rule packs of some markets (ISO country codes)."""


class ChosenCopy(NamedTuple):
    """The copy that goes out, and how it ranks."""

    copy: Copy
    rank: CopyRank


class Drafting:
    """`accept` is asked for every draft, `chosen` for a brief's accepted ones."""

    def __init__(self, rules_of: RulesOf, bar: float) -> None:
        """`bar` 0: the judge orders drafts and refuses none."""
        self._rules_of = rules_of
        self._bar = bar
        self._warnings: dict[tuple[Brief, Copy], int] = {}
        self._judged: dict[tuple[Brief, Copy], Judged] = {}
        self.findings: dict[Brief, list[ReviewFinding]] = defaultdict(list)
        self.codes: dict[Brief, list[str]] = defaultdict(list)
        """Of all drafts of a brief: what review found, and the codes of whatever was found."""

    def accept(self, brief: Brief, copy: Copy) -> bool:
        """Whether review lets a draft pass, no check of the judge objects and its score reaches the bar."""
        findings = review(copy, brief, self._rules_of(brief.markets))
        self.findings[brief] += findings
        self.codes[brief] += [each.code for each in findings]
        if not accepted(findings):
            return False
        self._warnings[brief, copy] = len(findings)
        if not self._bar:
            return True
        judged = self.judged(brief, copy)
        if judged.score >= self._bar and not judged.findings:
            return True
        self.codes[brief] += [each.code for each in judged.findings] or [BELOW_BAR]
        return False

    def chosen(
        self, brief: Brief, copies: Sequence[Copy], rank: Callable[[Copy, int], CopyRank], said: Pairs
    ) -> ChosenCopy:
        """The best of some accepted drafts; `rank` is told a copy and how many warnings review has of it,
        `said`: neighbouring words of other copy for the item."""
        ranks = [rank(copy, self._warnings[brief, copy]) for copy in copies]
        if len(copies) == 1:
            return ChosenCopy(copies[0], ranks[0])
        new = [new_share(said_pairs(copy.headline, copy.description), said) for copy in copies]
        at = best(ranks, [self.judged(brief, copy) for copy in copies], new)
        return ChosenCopy(copies[at], ranks[at])

    def judged(self, brief: Brief, copy: Copy) -> Judged:
        """What the judge says of an accepted draft; asked only where that decides something, for it reads
        as long as review does."""
        found = self._judged.get((brief, copy))
        if found is None:
            found = self._judged[brief, copy] = judge(brief, copy)
        return found
