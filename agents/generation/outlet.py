"""The way out: creatives, then the records that end their requests, each acknowledged before the next.

The creatives of a batch are acknowledged before its endings are sent: a request that ended has its creatives.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from agents.creatives import endings, publication
from agents.creatives.pictures import PictureAsker
from agents.creatives.plan import Refusal, Timing
from agents.generation.first_pictures import FirstPictures
from agents.generation.jobs import JobAnswer, Planner
from streams import records as r
from streams.metrics.creatives import CREATIVES
from streams.metrics.generation import (
    EVENT_TO_CREATIVE_MS,
    EXEMPT_HEADLINES,
    GENERATIONS,
    NOVELTY,
    REVIEW_FINDINGS,
)
from streams.wire.output import Output
from streams.wire.topic_codec import creative_key

Send = Callable[[Sequence[Output]], Awaitable[None]]
"""Sends and waits until the broker has stored all."""
_Decided = tuple[list[r.Creative], Refusal | None]
"""What an answer gets, or why nothing."""


class Outlet:
    """Publishes answers, and asks for their pictures where there are any. `passed` is told each step that
    was acknowledged."""

    def __init__(
        self,
        planner: Planner,
        send: Send,
        partitions: int,
        clock_ms: Callable[[], float],
        passed: Callable[[str], None] = lambda _step: None,
        pictures: PictureAsker | None = None,
        first: FirstPictures | None = None,
    ) -> None:
        self._planner = planner
        self._send = send
        self._partitions = partitions
        self._clock_ms = clock_ms
        self._passed = passed
        self._pictures = pictures
        self._first = first

    async def publish(self, answers: Sequence[JobAnswer]) -> None:
        """Publish, wait for the broker, then end the requests and wait again. Raises KafkaError."""
        now_ms = int(self._clock_ms())
        published: list[Output] = []
        ends: list[Output] = []
        decided = [self._decided(answer, now_ms) for answer in answers]
        for answer, (made, refusal) in zip(answers, await self._hung(answers, decided), strict=True):
            outputs, ending = self._records_of(answer, made, refusal, now_ms)
            published += outputs
            ends.append(endings.result_output(ending, answer.job.lane))
        if published:
            await self._send(published)
            self._passed("creatives_acked")
        if ends:
            await self._send(ends)
            self._passed("ending_acked")

    async def _hung(self, answers: Sequence[JobAnswer], decided: Sequence[_Decided]) -> Sequence[_Decided]:
        """With the pictures that are in the store."""
        wanted = [
            (creative, answer.job.request.pictures)
            for answer, (made, refusal) in zip(answers, decided, strict=True)
            for creative in made
            if refusal is None
        ]
        if self._first is None or not wanted:
            return decided
        hung = iter(await self._first.hung(wanted))
        return [
            ([next(hung) for _ in made] if refusal is None else made, refusal) for made, refusal in decided
        ]

    def _decided(self, answer: JobAnswer, now_ms: int) -> _Decided:
        request, plan, refusal = answer.job.request, answer.job.plan, answer.refusal
        if refusal is None and plan is not None and not self._planner.stands(plan, now_ms):
            refusal = Refusal("withdrawn")
        if refusal is None and (plan is None or not answer.written):
            refusal = Refusal("no_match", ("NOTHING_ACCEPTED",))
        if refusal is None and plan is not None and not publication.leads_somewhere(plan.item):
            refusal = Refusal("no_match", ("BAD_LINK",))
        made: list[r.Creative] = []
        if refusal is None and plan is not None:
            made = publication.make_creatives(request, plan, answer.written, now_ms)
            refusal = self._revoked(answer, made)
        return made, refusal

    def _records_of(
        self, answer: JobAnswer, made: Sequence[r.Creative], refusal: Refusal | None, now_ms: int
    ) -> tuple[list[Output], r.GenerationResult]:
        job, request, plan = answer.job, answer.job.request, answer.job.plan
        queue_ms, total_ms = max(0.0, job.taken_ms - job.arrived_ms), now_ms - job.arrived_ms
        timing = Timing(queue_ms, answer.model_ms, total_ms, answer.cpu_ms)
        if refusal is not None or plan is None:
            ending = endings.end_refused(request, refusal or Refusal("no_match"), timing, now_ms)
            GENERATIONS.labels(ending.status).inc()
            return [], ending
        self._planner.note(made)
        outputs = [
            publication.creative_output(creative_key(each), each, self._partitions, now_ms) for each in made
        ]
        outputs += publication.withdraw_replaced(request, made, self._partitions, now_ms)
        if self._pictures is not None:
            outputs += self._pictures.requests(made, now_ms, request.pictures)
        ending = endings.end_written(request, plan, answer.written, timing, now_ms)
        _count(answer, ending, now_ms)
        return outputs, ending

    def _revoked(self, answer: JobAnswer, made: Sequence[r.Creative]) -> Refusal | None:
        """What was revoked while it was written does not go out."""
        codes = [
            self._planner.revoked(each, written.line.origin_id)
            for each, written in zip(made, answer.written, strict=True)
        ]
        return next((Refusal("withdrawn", (code,)) for code in codes if code is not None), None)


def _count(answer: JobAnswer, ending: r.GenerationResult, now_ms: int) -> None:
    GENERATIONS.labels(ending.status).inc()
    EVENT_TO_CREATIVE_MS.observe(max(0, now_ms - ending.cause.ts))
    if ending.novelty is not None:
        NOVELTY.observe(ending.novelty)
    for each in answer.written:
        CREATIVES.labels(each.line.slot, "user", each.source).inc()
        if each.source != "model":
            EXEMPT_HEADLINES.labels(each.source).inc()
        for code in each.codes:
            REVIEW_FINDINGS.labels(code, "accepted" if each.source == "model" else "refused").inc()
