"""From a job to its plan, and to its answer where that needs no model: a refusal, the copy of a returning
interest, copy that was written ahead, the template."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from agents.creatives.plan import SWITCHED_OFF, UNAPPROVED, CreativePlan, Refusal, SlotPlan, Written
from agents.generation.jobs import CopyWrittenAhead, Job, JobAnswer, Planner, answer_with_copy
from agents.writing.drafts import reuse_past
from models.campaigns import Campaign
from models.choice.drafting import RulesOf
from models.choice.headlines import headline_hash
from models.text.variety import Pairs
from streams import topics

log = logging.getLogger(__name__)


class Planning:
    """Runs in the event loop."""

    def __init__(
        self,
        planner: Planner,
        rules_of: RulesOf,
        clock_ms: Callable[[], float],
        pool: CopyWrittenAhead | None = None,
    ) -> None:
        self._planner = planner
        self._rules_of = rules_of
        self._clock_ms = clock_ms
        self._pool = pool

    @property
    def has_pool(self) -> bool:
        """Whether a request may find copy that was written ahead."""
        return bool(self._pool)

    def is_due(self, job: Job) -> bool:
        """Whether a job is to be planned: what was planned when it came may have changed while it waited."""
        return job.plan is None or not self._planner.stands(job.plan, int(self._clock_ms()))

    def answer(self, job: Job) -> JobAnswer | None:
        """Plan a job; its answer, or None where a model is to write what `job.ready` does not have."""
        try:
            planned = self._planner.plan(job.request, int(self._clock_ms()))
        except Exception:
            log.exception("request %s of %s cannot be planned", job.request.request_id, topics.REQUEST.name)
            planned = Refusal("no_match", ("PLAN_FAILED",))
        if isinstance(planned, Refusal):
            return JobAnswer(job, refusal=planned)
        job.plan, job.ready = planned, {}
        reused = [
            reuse_past(line, self._rules_of) for line in planned.slots if _may_return(line, planned.campaign)
        ]
        whole = [each for each in reused if each is not None]
        if len(whole) == len(planned.slots):
            return JobAnswer(job, whole)
        if not self._planner.may_write(planned):
            return self.template(job, SWITCHED_OFF)
        if self._pool is not None:  # also an empty one is told what was missing
            job.ready = self._pool.take(planned, int(self._clock_ms()))
            if len(job.ready) < len(planned.slots):
                job.plan = planned = _less_said(planned, job.ready, self._pool.said(planned))
        if len(job.ready) == len(planned.slots):
            return answer_with_copy(job, planned, {}, self._rules_of)
        return self.template(job, UNAPPROVED) if planned.campaign.people_first else None

    def template(self, job: Job, why: str) -> JobAnswer:
        """Templates for what no model wrote; `why` is said of them."""
        if job.plan is None:
            ready = self.answer(job)
            if ready is not None:
                return ready
        assert job.plan is not None
        return answer_with_copy(job, job.plan, {}, self._rules_of, why)


def _may_return(line: SlotPlan, campaign: Campaign) -> bool:
    """Copy of a model that nobody approved does not return where people come first."""
    return not (campaign.people_first and line.past_by_model)


def _less_said(plan: CreativePlan, ready: Mapping[int, Written], said: Pairs) -> CreativePlan:
    """The plan whose other lines may not say the headlines that the pool gave, and should say nothing that it
    says of the item."""
    headlines = frozenset(headline_hash(each.copy.headline) for each in ready.values())
    lines = tuple(replace(each, headlines=each.headlines | headlines, said=said) for each in plan.slots)
    return replace(plan, slots=lines) if headlines or said else plan
