"""One request on its way through the generator, and what it gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agents.creatives.plan import CreativePlan, Refusal, SlotPlan, Written
from agents.writing.drafts import fill_line
from models.choice.drafting import RulesOf
from models.choice.request_queue import WaitingRequest
from models.text.variety import Pairs
from streams import records as r


class Planner(Protocol):
    """Decides what a request gets. Pure given the reference data it holds."""

    def plan(self, request: r.CreativeRequest, now_ms: int) -> CreativePlan | Refusal:
        """The best campaign, item and arms, or why there is none."""

    def stands(self, plan: CreativePlan, now_ms: int) -> bool:
        """Whether the campaign of a plan may still publish it."""

    def revoked(self, creative: r.Creative, origin_id: str) -> str | None:
        """Code of why a creative must not go out, or None."""

    def note(self, made: Sequence[r.Creative]) -> None:
        """These creatives go out now."""

    def may_write(self, plan: CreativePlan) -> bool:
        """Whether a model may write for the plan's campaign."""


class CopyWrittenAhead(Protocol):
    """Copy that was written ahead."""

    def __bool__(self) -> bool:
        """Whether there is any."""

    def take(self, plan: CreativePlan, now_ms: int) -> Mapping[int, Written]:
        """What there is for the lines of a plan, by identity of their briefs."""

    def said(self, plan: CreativePlan) -> Pairs:
        """Neighbouring words of what there is for the item of a plan."""


@dataclass(eq=False)
class Job:
    """One request on its way. `answered` is called once its records are acknowledged, never when it is given
    up on a revoke."""

    request: r.CreativeRequest
    lane: int
    arrived_ms: float
    answered: Callable[[], None]
    twins: list[Callable[[], None]] = field(
        default_factory=list
    )  # of the same request, delivered again meanwhile
    plan: CreativePlan | None = None
    ready: Mapping[int, Written] = field(default_factory=dict)  # of the pool, by identity of a line's brief
    taken_ms: float = 0.0
    ended: bool = False  # an answer is on its way: whatever else comes for it is dropped
    entry: WaitingRequest[Job] = field(init=False)

    def __post_init__(self) -> None:
        request = self.request
        self.entry = WaitingRequest(
            request.request_id, request.user, request.n_trig, self.arrived_ms, request.deadline, self
        )

    @property
    def missing(self) -> list[SlotPlan]:
        """Lines of its plan that the pool has no copy for."""
        return [each for each in self.plan.slots if id(each.brief) not in self.ready] if self.plan else []


@dataclass(frozen=True)
class JobAnswer:
    """What a job gets: copy for its plan, or a refusal."""

    job: Job
    written: Sequence[Written] = ()
    refusal: Refusal | None = None
    model_ms: float = 0.0
    cpu_ms: float = 0.0


def answer_with_copy(
    job: Job, plan: CreativePlan, by_brief: Mapping[int, Written], rules_of: RulesOf, why_none: str = ""
) -> JobAnswer:
    """Copy per line of a plan: that of the pool, what was written, else the template; lines without any are
    left out, and when none is left the answer says by which rules.

    `why_none` is said of a template that stands in for a model that wrote nothing at all.
    """
    codes = [why_none] if why_none else []
    had = {**by_brief, **job.ready}
    lines = [had.get(id(line.brief)) or fill_line(line, rules_of, codes) for line in plan.slots]
    if written := [each for each in lines if isinstance(each, Written)]:
        return JobAnswer(job, written)
    rules = sorted({code for each in lines for code in each.codes})
    return JobAnswer(job, refusal=Refusal("no_match", ("NOTHING_ACCEPTED", *rules)))
