"""From the pool to a request: the best entry of the item, slot and style that its user has not seen, reviewed
again for that user's market."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from agents.creatives.plan import CreativePlan, SlotPlan, Written
from agents.pool.basis import Bases, mark_of
from agents.pool.demand import CopyPlace, Demand
from agents.pool.view import KeptEntry, PoolView, said_by_entries
from models.brief.brief import Copy, copy_channel_of, copy_slot
from models.campaigns import speaks
from models.choice.drafting import RulesOf
from models.choice.headlines import headline_hash
from models.choice.ranking import CopyRank, score_copy, worth
from models.judge.checks.moment import moment
from models.judge.said import draft_of
from models.review.judging import accepted, review
from models.revocations import Revocations
from models.text.variety import Pairs
from streams import records as r
from streams.loud_end import line_of
from streams.metrics.pool import POOL_LOOKUPS
from streams.records.copies import APPROVED, JUDGED, REJECTED

log = logging.getLogger(__name__)

SEARCH: Final = "search"
MOST_ALSO: Final = 12
"""With headline, brand and call to action they make the 15 headlines that a search ad has at most."""

EMPTY: Final = "empty"
COLD: Final = "cold"
SEEN: Final = "seen"
STALE: Final = "stale"
REFUSED: Final = "refused"
WAITS: Final = "waits"
"""Why there is no copy: none was written; its item is cold; the user had all of it; it stands on what has
changed; review or the bar of the judge refuses it now, or cannot judge it; no person has approved it yet."""


class CopyPool:
    """Runs in the event loop."""

    def __init__(
        self,
        view: PoolView,
        demand: Demand,
        bases: Bases,
        model: Callable[[], str],
        revocations: Callable[[], Revocations],
        rules_of: RulesOf,
        bar: float,
    ) -> None:
        """`model`: name and version of the copywriter in force; `bar`: least score without approval."""
        self._view = view
        self._demand = demand
        self._bases = bases
        self._model = model
        self._revocations = revocations
        self._rules_of = rules_of
        self._bar = bar

    def __bool__(self) -> bool:
        return len(self._view) > 0

    def take(self, plan: CreativePlan, now_ms: int) -> dict[int, Written]:
        """Copy for lines of a plan, by identity of their briefs; no headline twice. What is missing is noted:
        it is written for the next. Lines of an arm that has a copywriter of its own are that one's."""
        found: dict[int, Written] = {}
        said: set[int] = set()
        for line in plan.slots:
            if line.copywriter:
                continue
            got = self._judged(plan, line, said, now_ms)
            outcome = got if isinstance(got, str) else "hit"
            POOL_LOOKUPS.labels(outcome).inc()
            self._demand.note(_place(plan, line), missed=outcome in (EMPTY, SEEN, STALE, REFUSED, WAITS))
            if isinstance(got, Written):
                found[id(line.brief)] = got
                said.add(headline_hash(got.copy.headline))
        return found

    def said(self, plan: CreativePlan) -> Pairs:
        """Neighbouring words of what there is for the item of a plan: copy that is written for it now is to
        say something else."""
        return said_by_entries(self._view.of((plan.campaign.campaign_id, plan.item.item_id)).values())

    def _judged(self, plan: CreativePlan, line: SlotPlan, said: set[int], now_ms: int) -> Written | str:
        """What cannot be judged is not served, and fails no other request."""
        try:
            return self._of_line(plan, line, said, now_ms)
        except Exception as error:  # of what one row says, whatever it is
            log.warning("copy for %s is not judged: %s", "|".join(_place(plan, line)), line_of(error))
            return REFUSED

    def _of_line(self, plan: CreativePlan, line: SlotPlan, said: set[int], now_ms: int) -> Written | str:
        campaign, item = plan.campaign, plan.item
        all_of_item = self._view.ask((campaign.campaign_id, item.item_id)).values()
        fitting = [each for each in all_of_item if _fits(each, line) and each.expires_ms > now_ms]
        if not any(each.status != REJECTED for each in fitting):
            return EMPTY
        basis = self._bases.of(campaign, item, self._model())
        marks = {status: mark_of(basis, status) for status in (JUDGED, APPROVED)}
        current = [each for each in fitting if marks.get(each.status) == each.mark]
        if not current:
            return STALE
        if campaign.people_first:
            current = [each for each in current if each.status == APPROVED]
            if not current:
                return WAITS
        unseen = [each for each in current if each.headline not in line.headlines | said]
        if not unseen:
            return SEEN
        warm = [each.entry() for each in unseen if each.text is not None]
        good = [each for each in warm if each.status == APPROVED or each.score >= self._bar]
        if not good:
            return REFUSED if warm else COLD
        return self._best(line, good)

    def _best(self, line: SlotPlan, entries: Iterable[r.CopyEntry]) -> Written | str:
        """The first that review accepts, those that are worth most first."""
        revoked = self._revocations().lasting("copy")
        offers = [(copy_of(each), each) for each in entries if each.copy_id not in revoked]
        ranked = sorted(
            ((_rank(line, copy), copy, each) for copy, each in offers),
            key=lambda ranked: -worth(ranked[0].total, ranked[2].score),
        )
        for at, (rank, copy, entry) in enumerate(ranked):
            codes = self._accepted(line, copy)
            if codes is not None:
                rest = ((other, each) for _, other, each in ranked[at + 1 :])
                return Written(
                    line,
                    copy,
                    "model",
                    codes,
                    entry.model_hash,
                    len(ranked),
                    rank,
                    entry.copy_id,
                    entry.status == APPROVED,
                    self._also(line, entry, rest) if copy_channel_of(line.slot) == SEARCH else (),
                )
        return REFUSED

    def _accepted(self, line: SlotPlan, copy: Copy) -> tuple[str, ...] | None:
        """What review found and let pass; None where it refuses, or where the copy, which was written for
        nobody, names another moment than the reader's."""
        if any(moment(draft_of(line.brief, copy))):
            return None
        findings = review(copy, line.brief, self._rules_of(line.brief.markets))
        return tuple(dict.fromkeys(each.code for each in findings)) if accepted(findings) else None

    def _also(
        self, line: SlotPlan, chosen: r.CopyEntry, rest: Iterable[tuple[Copy, r.CopyEntry]]
    ) -> tuple[tuple[str, Copy], ...]:
        """The next best of what the creative's record says as well of whoever wrote and approved it."""
        alike = (
            (each.copy_id, copy)
            for copy, each in rest
            if (each.model_hash, each.status) == (chosen.model_hash, chosen.status)
            and self._accepted(line, copy) is not None
        )
        return tuple(islice(alike, MOST_ALSO))


def copy_of(entry: r.CopyEntry) -> Copy:
    """What an entry says."""
    text = entry.copy
    return Copy(text.headline, text.description, text.cta, text.brand or "", tuple(text.scenes))


def _fits(kept: KeptEntry, line: SlotPlan) -> bool:
    brief = line.brief
    alike = kept.slot == copy_slot(line.slot) and kept.style == brief.style
    return alike and speaks(kept.locale, brief.locale)


def _rank(line: SlotPlan, copy: Copy) -> CopyRank:
    factor = 1.0 if line.opinion is None else float(line.opinion.factors([copy])[0])
    expected = line.expected_ctr * factor
    return score_copy(copy, line.brief, 0, line.recent, expected, line.usual_ctr)


def _place(plan: CreativePlan, line: SlotPlan) -> CopyPlace:
    """Copy is written in the locale of the campaign's templates, for all readers who are spoken to in it."""
    named = plan.campaign.campaign_id, plan.item.item_id
    return CopyPlace(*named, copy_slot(line.slot), line.template.locale, line.brief.style)
