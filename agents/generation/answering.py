"""Answer requests: micro-batches to the model thread, templates for what is late, everything acknowledged
before it counts.

The creatives of a batch are acknowledged before the records that end its requests are sent: a request that
ended has its creatives.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final

from agents.generation import publication
from agents.generation.jobs import Answer, Job, Planner
from agents.generation.plan import CreativePlan, Refusal, Timing, Written
from agents.writing.drafts import Order, RulesOf, again, from_template
from agents.writing.model_thread import ModelThread
from models.choice.request_queue import BatchSettings, RequestQueue, drafts, expected_model_ms
from models.copywriter.generate import CANDIDATES
from streams import metrics, topics
from streams import records as r
from streams.wire.output import Output

log = logging.getLogger(__name__)

_CHUNK: Final = 32
"""Requests planned and filled before the event loop may turn to other things."""

WEDGED_MS: Final = 5_000
"""A model call that has not returned so long after the last deadline of its batch never will."""

Send = Callable[[Sequence[Output]], Awaitable[None]]


class Answering:
    """The queue, the model thread and the way out. All methods run in the event loop."""

    def __init__(
        self,
        settings: BatchSettings,
        partitions: int,
        planner: Planner,
        thread: ModelThread[Order, list[Written]],
        rules_of: RulesOf,
        send: Send,
        clock_ms: Callable[[], float],
        passed: Callable[[str], None] = lambda _step: None,
    ) -> None:
        self._queue: RequestQueue[Job] = RequestQueue(settings)
        self._batch = settings.size
        self._partitions = partitions
        self._planner = planner
        self._thread = thread
        self._rules_of = rules_of
        self._send = send
        self._clock_ms = clock_ms
        self._passed = passed
        self._expected_ms = 0.0
        self._given_up_ms = 0.0
        self._writing: list[Job] = []
        self._call: asyncio.Task[None] | None = None
        self._jobs: dict[str, Job] = {}  # request id -> job, from arrival to acknowledgement
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._failure: BaseException | None = None

    def __len__(self) -> int:
        return len(self._jobs)

    async def submit(self, job: Job) -> None:
        """Take a request in; waits while the queue is full, which stops the reading."""
        twin = self._jobs.get(job.request.request_id)
        if twin is not None:
            twin.twins.append(job.answered)
            return
        while not self._queue.has_room:
            self._room.clear()
            await self._room.wait()
        self._jobs[job.request.request_id] = job
        loser = self._queue.offer(job.entry)
        if loser is not None and not loser.payload.ended:
            metrics.SUPERSEDED.inc()
            self._spawn(self._finish([Answer(loser.payload, refusal=Refusal("superseded"))]))
        self._wake.set()

    def drop(self, lane: int) -> None:
        """Give up what belongs to a lane that another worker owns now; that worker answers it."""
        for job in [job for job in self._jobs.values() if job.lane == lane]:
            job.ended = True
            self._queue.close(job.entry)
            del self._jobs[job.request.request_id]
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; raises what made an answer impossible (the broker refused it)."""
        while True:
            self._wake.clear()
            if self._failure is not None:
                raise self._failure
            self._turn(self._clock_ms())
            metrics.QUEUE_DEPTH.set(len(self._queue))
            self._room.set() if self._queue.has_room else None
            await self._sleep()

    async def finish(self) -> None:
        """Wait until every request taken in is answered; `run` must go on meanwhile."""
        while self._jobs and self._failure is None:
            await asyncio.sleep(0.01)

    async def _sleep(self) -> None:
        dues = [float(job.request.deadline) for job in self._writing if not job.ended]
        next_due = self._queue.next_due_ms(self._expected_ms, self._idle)
        dues += [next_due] if next_due is not None else []
        dues += [] if self._idle else [self._given_up_ms]
        timeout = max(0.0, min(dues) - self._clock_ms()) / 1_000 if dues else None
        try:
            await asyncio.wait_for(self._wake.wait(), timeout)
        except TimeoutError:
            return

    @property
    def _idle(self) -> bool:
        return self._call is None

    def _turn(self, now_ms: float) -> None:
        """One look at the clock: what is overdue gets its template, what is due goes to the model."""
        if not self._idle and now_ms >= self._given_up_ms:
            log.error("the copywriter did not come back: a fresh one takes over")
            self._given_up_ms = now_ms + WEDGED_MS
            self._thread.replace()
        overdue = [job for job in self._writing if not job.ended and job.request.deadline <= now_ms]
        self._writing = [job for job in self._writing if not job.ended and job not in overdue]
        batch = self._queue.take(now_ms, self._expected_ms, self._idle)
        late = [entry.payload for entry in batch.template]
        for job in late:
            job.taken_ms = now_ms
        if overdue:
            log.warning("the copywriter is late: %d requests in its hands get their templates", len(overdue))
        if overdue or late:
            self._spawn(self._answer_by_template([*overdue, *late]))
        if batch.model:
            self._begin([entry.payload for entry in batch.model], now_ms)

    def _begin(self, jobs: Sequence[Job], now_ms: float) -> None:
        """Plan a batch; lines without a copy go to the model in one call, the rest is answered at once."""
        answers: list[Answer] = []
        for job in jobs:
            job.taken_ms = now_ms
            metrics.QUEUE_SECONDS.observe((now_ms - job.arrived_ms) / 1_000)
            ready = self._plan(job)
            if ready is None:
                self._writing.append(job)
            else:
                answers.append(ready)
        if answers:
            self._spawn(self._finish(answers))
        if self._writing:
            self._given_up_ms = max(job.request.deadline for job in self._writing) + WEDGED_MS
            self._call = self._track(self._write(list(self._writing)))

    def _plan(self, job: Job) -> Answer | None:
        """The answer when it needs no model: a refusal or the copy of a returning interest."""
        try:
            planned = self._planner.plan(job.request, int(self._clock_ms()))
        except Exception:
            log.exception("request %s of %s cannot be planned", job.request.request_id, topics.REQUEST.name)
            planned = Refusal("no_match", ("PLAN_FAILED",))
        if isinstance(planned, Refusal):
            return Answer(job, refusal=planned)
        job.plan = planned
        reused = [again(line, self._rules_of) for line in planned.slots]
        whole = [each for each in reused if each is not None]
        return Answer(job, whole) if len(whole) == len(planned.slots) else None

    async def _write(self, jobs: Sequence[Job]) -> None:
        """One model call. A failure of the model is not one of the request: its jobs get their templates."""
        lines = [line for job in jobs if job.plan for line in job.plan.slots]
        metrics.GENERATION_BATCH.observe(len(lines))
        begun_ms = self._clock_ms()
        try:
            order = Order(
                lines,
                max(job.request.deadline for job in jobs),
                drafts(len(self._queue), self._batch, CANDIDATES),
            )
            written = await self._thread.submit(order)
        except Exception as error:
            log.warning(
                "the copywriter failed on %d briefs (%s: %s): templates go out instead",
                len(lines),
                type(error).__name__,
                error,
            )
            written = []
        model_ms = self._clock_ms() - begun_ms
        metrics.GENERATION_SECONDS.observe(model_ms / 1_000)
        self._expected_ms = expected_model_ms(self._expected_ms, model_ms)
        self._call = None
        self._writing = []
        self._wake.set()
        by_brief = {id(each.line.brief): each for each in written}
        open_jobs = [(job, job.plan) for job in jobs if not job.ended and job.plan]
        answers = [
            Answer(job, _of(plan, by_brief, self._rules_of), model_ms=model_ms) for job, plan in open_jobs
        ]
        await self._finish(answers)

    async def _answer_by_template(self, jobs: Sequence[Job]) -> None:
        for start in range(0, len(jobs), _CHUNK):
            chunk = [job for job in jobs[start : start + _CHUNK] if not job.ended]
            await self._finish([self._template(job) for job in chunk])

    def _template(self, job: Job) -> Answer:
        if job.plan is None:
            ready = self._plan(job)
            if ready is not None:
                return ready
        assert job.plan is not None
        return Answer(job, _of(job.plan, {}, self._rules_of))

    async def _finish(self, answers: Iterable[Answer]) -> None:
        """Publish, wait for the broker, then end the requests and wait again."""
        answers = [answer for answer in answers if not answer.job.ended]
        now_ms = int(self._clock_ms())
        published: list[Output] = []
        endings: list[Output] = []
        for answer in answers:
            answer.job.ended = True
            outputs, ending = self._records(answer, now_ms)
            published += outputs
            endings.append(publication.result_output(ending, answer.job.lane))
        if published:
            await self._send(published)
            self._passed("creatives_acked")
        if endings:
            await self._send(endings)
            self._passed("ending_acked")
        for answer in answers:
            self._forget(answer.job)

    def _records(self, answer: Answer, now_ms: int) -> tuple[list[Output], r.GenerationResult]:
        job, request, plan = answer.job, answer.job.request, answer.job.plan
        timing = Timing(max(0.0, job.taken_ms - job.arrived_ms), answer.model_ms, now_ms - job.arrived_ms)
        refusal = answer.refusal
        if refusal is None and plan is not None and not self._planner.stands(plan, now_ms):
            refusal = Refusal("withdrawn")
        if refusal is None and (plan is None or not answer.written):
            refusal = Refusal("no_match", ("NOTHING_ACCEPTED",))
        if refusal is not None or plan is None:
            ending = publication.refused_result(request, refusal or Refusal("no_match"), timing, now_ms)
            metrics.GENERATIONS.labels(ending.status).inc()
            return [], ending
        made = publication.creatives(request, plan, answer.written, now_ms)
        outputs = [publication.creative_output(_key(each), each, self._partitions, now_ms) for each in made]
        outputs += publication.withdrawals(request, made, self._partitions, now_ms)
        ending = publication.result(request, plan, answer.written, timing, now_ms)
        _count(answer, ending, now_ms)
        return outputs, ending

    def _forget(self, job: Job) -> None:
        self._queue.close(job.entry)
        if self._jobs.pop(job.request.request_id, None) is not None:
            for answered in (job.answered, *job.twins):
                answered()
        self._wake.set()

    def _spawn(self, work: Awaitable[None]) -> None:
        self._track(work)

    def _track(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        assert isinstance(task, asyncio.Task)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
            self._wake.set()


def _of(plan: CreativePlan, by_brief: Mapping[int, Written], rules_of: RulesOf) -> list[Written]:
    """Copy per line of a plan: what was written, else the template; lines without any are left out."""
    lines = (by_brief.get(id(line.brief)) or from_template(line, rules_of) for line in plan.slots)
    return [each for each in lines if each is not None]


def _key(record: r.Creative) -> str:
    return f"{record.audience.key}|{record.campaign_id}|{record.slot}"


def _count(answer: Answer, ending: r.GenerationResult, now_ms: int) -> None:
    metrics.GENERATIONS.labels(ending.status).inc()
    metrics.EVENT_TO_CREATIVE_MS.observe(max(0, now_ms - ending.cause.ts))
    if ending.novelty is not None:
        metrics.NOVELTY.observe(ending.novelty)
    for each in answer.written:
        metrics.CREATIVES.labels(each.line.slot, "user", each.source).inc()
        for code in each.codes:
            metrics.REVIEW_FINDINGS.labels(code, "accepted" if each.source == "model" else "refused").inc()
