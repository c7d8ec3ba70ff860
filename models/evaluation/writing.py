"""Lets a copywriter write as the generator does: drafts reviewed, judged and chosen among; a brief without an
accepted one counts as a template fallback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Final, Protocol

from models.brief.brief import Brief, Copy
from models.choice.drafting import Drafting
from models.choice.live_bar import LIVE_BAR
from models.choice.ranking import score_copy
from models.copywriter.generate import CANDIDATES, WrittenCopy
from models.judge import Judged
from models.review.judging import ReviewFinding
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
    ) -> list[WrittenCopy]:
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
        chunk, others = briefs[start : start + _CHUNK], said[start : start + _CHUNK]
        drafting = Drafting(load_rules, LIVE_BAR)
        drafts = copywriter.write(chunk, lambda: 1e12, drafting.accept, CANDIDATES, others)
        made += [
            _sample(drafting, brief, draft, other)
            for brief, draft, other in zip(chunk, drafts, others or repeat(frozenset()), strict=False)
        ]
        advance(len(chunk))
    return made


def _sample(drafting: Drafting, brief: Brief, draft: WrittenCopy, said: Pairs) -> WrittenSample:
    """What is served of a draft's candidates to a user of whom nothing is known."""
    findings = tuple(drafting.findings[brief])
    if draft.copy is None:
        return WrittenSample(brief, None, draft.why_none, draft.tokens, findings)
    chosen = drafting.chosen(
        brief,
        draft.candidates or (draft.copy,),
        lambda copy, warnings: score_copy(copy, brief, warnings, said=said),
        said,
    )
    return WrittenSample(brief, chosen.copy, "", draft.tokens, findings, drafting.judged(brief, chosen.copy))
