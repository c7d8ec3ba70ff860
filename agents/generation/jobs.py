"""One request on its way through the generator, and what it gets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agents.creatives.plan import CreativePlan, Refusal, Written
from models.choice.request_queue import WaitingRequest
from streams import records as r


class Planner(Protocol):
    """Decides what a request gets. Pure given the reference data it holds."""

    def plan(self, request: r.CreativeRequest, now_ms: int) -> CreativePlan | Refusal:
        """The best campaign, item and arms, or why there is none."""

    def stands(self, plan: CreativePlan, now_ms: int) -> bool:
        """Whether the campaign of a plan may still publish it."""

    def revoked(self, creative: r.Creative, origin_id: str) -> str | None:
        """Code of why a creative must not go out, or None."""

    def may_write(self, plan: CreativePlan) -> bool:
        """Whether a model may write for the plan's campaign."""


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
    taken_ms: float = 0.0
    ended: bool = False  # an answer is on its way: whatever else comes for it is dropped
    entry: WaitingRequest[Job] = field(init=False)

    def __post_init__(self) -> None:
        request = self.request
        self.entry = WaitingRequest(
            request.request_id, request.user, request.n_trig, self.arrived_ms, request.deadline, self
        )


@dataclass(frozen=True)
class Answer:
    """What a job gets: copy for its plan, or a refusal."""

    job: Job
    written: Sequence[Written] = ()
    refusal: Refusal | None = None
    model_ms: float = 0.0
