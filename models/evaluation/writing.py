"""Lets a copywriter write as the generator does: reviewed drafts, a brief without an accepted one counts as a
template fallback."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from models.brief.brief import Brief, Copy
from models.copywriter.generate import CANDIDATES, Draft
from models.judge import Judged, judge
from models.review.judging import ReviewFinding, accepted, review
from models.rules import load_rules
from models.text.variety import Pairs, said_pairs

_CHUNK: Final = 64
"""Briefs per call: enough for full batches, few enough to show progress."""


class Writes(Protocol):
    """What is measured."""

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
        candidates: int,
        said: Sequence[Pairs],
    ) -> list[Draft]:
        """One draft per brief, in order, the best of `candidates`; `said`: what other copy for each says."""


@dataclass(frozen=True, slots=True)
class WrittenSample:
    """What came of one brief. `copy` None: a template would go out, `why_none` says why; `findings` are those
    on all its drafts, `judged` what the judge says of the copy."""

    brief: Brief
    copy: Copy | None
    why_none: str
    tokens: int
    findings: tuple[ReviewFinding, ...]
    judged: Judged | None = None

    @property
    def text(self) -> str:
        """Headline and description, what variety and nouns are looked for in."""
        return f"{self.copy.headline} \n {self.copy.description}" if self.copy else ""

    @property
    def pairs(self) -> Pairs:
        """Its neighbouring words."""
        return said_pairs(self.copy.headline, self.copy.description) if self.copy else frozenset()


def samples_in_turn(
    copywriter: Writes, requests: Sequence[Sequence[Brief]], advance: Callable[[int], None] = lambda _n: None
) -> list[WrittenSample]:
    """Samples of several requests for each item, item by item. They are written one after another, so that
    each knows what the item's earlier ones say, as copy of the pool is known."""
    rounds: list[list[WrittenSample]] = []
    said: list[Pairs] = [frozenset() for _ in requests]
    for briefs in zip(*requests, strict=True):
        written = samples(copywriter, briefs, advance, said)
        said = [before | each.pairs for before, each in zip(said, written, strict=True)]
        rounds.append(written)
    return [sample for of_item in zip(*rounds, strict=True) for sample in of_item]


def samples(
    copywriter: Writes,
    briefs: Sequence[Brief],
    advance: Callable[[int], None] = lambda _n: None,
    said: Sequence[Pairs] = (),
) -> list[WrittenSample]:
    """One sample per brief, in order, without a deadline; `advance` is told how many more are done. `said`:
    neighbouring words of other copy for each."""
    made: list[WrittenSample] = []
    for start in range(0, len(briefs), _CHUNK):
        chunk = briefs[start : start + _CHUNK]
        seen: dict[Brief, list[ReviewFinding]] = defaultdict(list)

        def accept(brief: Brief, copy: Copy, seen: dict[Brief, list[ReviewFinding]] = seen) -> bool:
            findings = review(copy, brief, load_rules(brief.markets))
            seen[brief] += findings
            return accepted(findings)

        drafts = copywriter.write(chunk, lambda: 1e12, accept, CANDIDATES, said[start : start + _CHUNK])
        made += [
            WrittenSample(
                brief,
                draft.copy,
                draft.why_none,
                draft.tokens,
                tuple(seen[brief]),
                judge(brief, draft.copy) if draft.copy else None,
            )
            for brief, draft in zip(chunk, drafts, strict=True)
        ]
        advance(len(chunk))
    return made
