"""From a line of a plan to reviewed copy: a draft of the model that review accepts, else the approved
template. Pure but for the model."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from agents.creatives.plan import SlotPlan, Unfilled, Written
from models.brief.brief import Brief, Copy
from models.choice.drafting import Drafting, RulesOf
from models.choice.headlines import headline_hash
from models.choice.ranking import CopyRank, score_copy
from models.copywriter.generate import CANDIDATES, FAILED, WrittenCopy
from models.review.judging import accepted, review
from models.review.template import fill_template
from models.text.variety import Pairs
from streams.loud_end import line_of

log = logging.getLogger(__name__)

REPEATED: Final = "REPEATED_HEADLINE"
"""Code of a draft whose headline the user has had from a model, or gets in another slot of the same
request."""
NO_DRAFT: Final = "MODEL_"
"""Prefix of the code that says why the model wrote nothing."""
UNFILLABLE: Final = "TEMPLATE_FAILED"
"""Code of a template that could not even be filled."""


class DraftWriter(Protocol):
    """What writes. `write` may take long and is called from one thread; it raises what its runtime raises."""

    @property
    def model_hash(self) -> str: ...

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
        candidates: int,
        said: Sequence[Pairs] = ...,
    ) -> list[WrittenCopy]:
        """The best of `candidates` drafts per brief, in order; refused ones are written again while
        `remaining_ms()` is positive. `said`: what other copy for a brief's item says, which is to be said
        least."""


@dataclass(frozen=True)
class WritingOrder:
    """What one model call is to write, when the last of it is of no use any more (Unix ms), and of how many
    drafts the best is taken."""

    lines: Sequence[SlotPlan]
    deadline_ms: float
    candidates: int = CANDIDATES


def write_all(
    copywriter: DraftWriter,
    order: WritingOrder,
    rules_of: RulesOf,
    clock_ms: Callable[[], float],
    bar: float = 0.0,
) -> list[Written]:
    """Copy for every line in one model call: the best draft that review accepts and the judge puts at `bar`
    or above (0: it refuses none), else the template; left out when review refuses that as well. A line that
    cannot be judged gets its template and fails no other."""
    drafting = Drafting(rules_of, bar)
    had = {line.brief: set(line.headlines) for line in order.lines}  # hashes of headlines, grows by request

    def accept(brief: Brief, copy: Copy) -> bool:
        return drafting.accept(brief, copy) and is_new(brief, copy)

    def is_new(brief: Brief, copy: Copy) -> bool:
        new = headline_hash(copy.headline) not in had[brief]
        if not new:
            drafting.codes[brief].append(REPEATED)
        return new

    def written(line: SlotPlan, draft: WrittenCopy) -> Written | Unfilled:
        codes = drafting.codes[line.brief]
        if draft.copy is None:
            return fill_line(line, rules_of, [*codes, NO_DRAFT + draft.why_none.upper()])
        copies = [copy for copy in draft.candidates or (draft.copy,) if is_new(line.brief, copy)]
        if not copies:
            return fill_line(line, rules_of, codes)
        chosen = drafting.chosen(line.brief, copies, rank_of(line, copies), line.said)
        for brief in had:
            if brief.request_id == line.brief.request_id and brief != line.brief:
                had[brief].add(headline_hash(chosen.copy.headline))
        writer = draft.model_hash or copywriter.model_hash
        return Written(line, chosen.copy, "model", _distinct(codes), writer, len(copies), chosen.rank)

    def judged(line: SlotPlan, draft: WrittenCopy) -> Written | Unfilled:
        try:
            return written(line, draft)
        except Exception as error:  # of what one row says, whatever it is
            log.warning("%s is not judged: %s", _named(line), line_of(error))
            return fill_line(line, rules_of, [*drafting.codes[line.brief], NO_DRAFT + FAILED.upper()])

    briefs = [line.brief for line in order.lines]
    drafts = copywriter.write(
        briefs,
        lambda: order.deadline_ms - clock_ms(),
        accept,
        order.candidates,
        [line.said for line in order.lines],
    )
    made = (judged(line, draft) for line, draft in zip(order.lines, drafts, strict=True))
    return [each for each in made if isinstance(each, Written)]


def rank_of(line: SlotPlan, copies: Sequence[Copy]) -> Callable[[Copy, int], CopyRank]:
    """How copies of a line rank: by what its user was shown, and by what the click model makes of each."""
    factors = [1.0] * len(copies) if line.opinion is None else line.opinion.factors(copies)
    factor = dict(zip(copies, factors, strict=True))

    def rank(copy: Copy, warnings: int) -> CopyRank:
        expected = line.expected_ctr * factor[copy]
        return score_copy(copy, line.brief, warnings, line.recent, expected, line.usual_ctr, line.said)

    return rank


def fill_line(line: SlotPlan, rules_of: RulesOf, codes: Sequence[str] = ()) -> Written | Unfilled:
    """The approved template, filled, unless review blocks even that (a title that breaks a rule). It counts
    for the arm that was drawn: what an arm fails to deliver is part of what it earns."""
    try:
        return _filled(line, rules_of, codes)
    except Exception as error:  # of what one row says, whatever it is
        log.warning("the template of %s is not filled: %s", _named(line), line_of(error))
        return Unfilled(line, (UNFILLABLE,), "")


def _filled(line: SlotPlan, rules_of: RulesOf, codes: Sequence[str]) -> Written | Unfilled:
    template, rules = line.template, rules_of(line.brief.markets)
    copy = fill_template(template.headline, template.description, template.cta, line.brief)
    findings = review(
        copy, line.brief, rules, approved=f"{template.headline} \n {template.description} \n {template.cta}"
    )
    blocking = [finding for finding in findings if finding.severity == "block"]
    if blocking:
        return Unfilled(line, _distinct([each.code for each in blocking]), blocking[0].text)
    return Written(line, copy, "template", _distinct([*codes, *(finding.code for finding in findings)]))


def reuse_past(line: SlotPlan, rules_of: RulesOf) -> Written | None:
    """The copy that a returning interest had before, when review still accepts it."""
    if line.past is None:
        return None
    try:
        findings = review(line.past, line.brief, rules_of(line.brief.markets))
    except Exception as error:  # of what one row says, whatever it is
        log.warning("past copy of %s is not judged: %s", _named(line), line_of(error))
        return None
    return (
        Written(line, line.past, "reused", _distinct([finding.code for finding in findings]))
        if accepted(findings)
        else None
    )


def _named(line: SlotPlan) -> str:
    return f"slot {line.slot} of campaign {line.brief.campaign_id}, item {line.brief.title!r}"


def _distinct(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))
