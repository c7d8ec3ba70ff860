"""Answer requests: micro-batches to the model thread, templates for what is late, everything acknowledged
before it counts."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from agents.creatives.plan import Refusal, Written
from agents.generation.jobs import CopyWrittenAhead, Job, JobAnswer, Planner, answer_with_copy
from agents.generation.outlet import Outlet
from agents.generation.planning import Planning
from agents.generation.renewing import loaded_anew
from agents.writing.drafts import NO_DRAFT, WritingOrder
from agents.writing.model_thread import ModelThread
from models.choice.drafting import RulesOf
from models.choice.matching import MOST_SLOTS
from models.choice.request_queue import BatchSettings, RequestQueue, drafts, drafts_in_time, expected_model_ms
from models.copywriter.generate import CANDIDATES
from streams.loud_end import line_of
from streams.metrics.generation import (
    GENERATION_BATCH,
    GENERATION_SECONDS,
    QUEUE_DEPTH,
    QUEUE_SECONDS,
    SUPERSEDED,
)

log = logging.getLogger(__name__)

_CHUNK: Final = 32
"""Requests planned and filled before the event loop may turn to other things."""

WEDGED_MS: Final = 5_000
"""A model call that has not returned so long after the last deadline of its batch never will."""

LATE_S: Final = 10.0

LATE: Final = f"{NO_DRAFT}LATE"
NO_TIME: Final = f"{NO_DRAFT}NO_TIME"
LOADING: Final = f"{NO_DRAFT}LOADING"
FAILED: Final = f"{NO_DRAFT}FAILED"
"""Why a template answers: the model had it at the deadline; it could not have been done in time; the model
was being loaded; it raised."""


class Answering:
    """The queue, the model thread and the way out. All methods run in the event loop."""

    def __init__(
        self,
        settings: BatchSettings,
        planner: Planner,
        thread: ModelThread[WritingOrder, list[Written]],
        outlet: Outlet,
        rules_of: RulesOf,
        clock_ms: Callable[[], float],
        pool: CopyWrittenAhead | None = None,
    ) -> None:
        self._queue: RequestQueue[Job] = RequestQueue(settings)
        self._batch = settings.size
        self._planning = Planning(planner, rules_of, clock_ms, pool)
        self._thread = thread
        self._outlet = outlet
        self._rules_of = rules_of
        self._clock_ms = clock_ms
        self._expected_ms = 0.0
        self._most_drafts = self._drafts = settings.size * MOST_SLOTS * CANDIDATES  # of the next call
        self._given_up_ms = 0.0
        self._writing: list[Job] = []
        self._ready: list[JobAnswer] = []  # that need no model
        self._call: asyncio.Task[None] | None = None
        self._renewal: asyncio.Task[None] | None = None  # loads the copywriter again: templates answer
        self._jobs: dict[str, Job] = {}  # request id -> job, from arrival to acknowledgement
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._failure: BaseException | None = None
        self._late, self._late_said_s = 0, -LATE_S  # requests since that was said

    def __len__(self) -> int:
        return len(self._jobs)

    async def submit(self, job: Job) -> None:
        """Take a request in; waits while the queue is full, which stops the reading."""
        twin = self._jobs.get(job.request.request_id)
        if twin is not None:
            twin.twins.append(job.answered)
            return
        self._jobs[job.request.request_id] = job  # before it waits: `drop` finds it, repeats are its twins
        try:
            await self._have_room()
        except asyncio.CancelledError:
            if self._jobs.get(job.request.request_id) is job:  # its lane may have been given up, and be back
                del self._jobs[job.request.request_id]
            raise
        if job.ended:
            return
        if (loser := self._queue.offer(job.entry)) is not None and not loser.payload.ended:
            SUPERSEDED.inc()
            self._track(self._finish([JobAnswer(loser.payload, refusal=Refusal("superseded"))]))
        if self._planning.has_pool and not job.ended:
            self._answer_at_once(job)
        self._wake.set()
        if len(self._ready) >= _CHUNK:
            await asyncio.sleep(0)

    async def _have_room(self) -> None:
        while not self._queue.has_room:
            self._room.clear()
            await self._room.wait()

    def _answer_at_once(self, job: Job) -> None:
        """What needs no model need not wait for it."""
        if (ready := self._planning.answer(job)) is not None:
            job.taken_ms = self._clock_ms()
            self._queue.withdraw(job.entry)
            self._ready.append(ready)

    def drop(self, lane: int) -> None:
        """Give up what belongs to a lane that another worker owns now; that worker answers it."""
        for job in [job for job in self._jobs.values() if job.lane == lane]:
            job.ended = True
            self._queue.close(job.entry)
            del self._jobs[job.request.request_id]
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; raises what made an answer impossible (the broker refused it)."""
        try:
            while True:
                self._wake.clear()
                if self._failure is not None:
                    raise self._failure
                self._turn(self._clock_ms())
                QUEUE_DEPTH.set(len(self._queue))
                if self._queue.has_room:
                    self._room.set()
                await self._sleep()
        finally:
            if self._renewal is not None:
                self._renewal.cancel()

    async def finish(self) -> None:
        """Wait until every request taken in is answered; `run` must go on meanwhile."""
        while self._jobs and self._failure is None:
            await asyncio.sleep(0.01)

    async def _sleep(self) -> None:
        dues = [float(job.request.deadline) for job in self._writing if not job.ended]
        next_due = self._queue.next_due_ms(self._expected_ms, self._idle)
        dues += [next_due] if next_due is not None else []
        dues += [self._given_up_ms] if self._awaits_model else []
        timeout = max(0.0, min(dues) - self._clock_ms()) / 1_000 if dues else None
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), timeout)

    @property
    def _idle(self) -> bool:
        return self._call is None and self._renewal is None

    @property
    def _awaits_model(self) -> bool:
        return self._call is not None and self._renewal is None

    def _turn(self, now_ms: float) -> None:
        """What is ready leaves, what is overdue gets its template, what is due goes to the model."""
        if self._ready:
            self._track(self._finish(self._ready))
            self._ready = []
        if self._awaits_model and now_ms >= self._given_up_ms:
            self._renewal = self._track(self._renew())
        overdue = [job for job in self._writing if not job.ended and job.request.deadline <= now_ms]
        self._writing = [job for job in self._writing if not job.ended and job not in overdue]
        most = max(1, self._drafts // MOST_SLOTS)
        batch = self._queue.take(now_ms, self._expected_ms, self._idle, most)
        late = [entry.payload for entry in batch.template]
        for job in late:
            job.taken_ms = now_ms
        if overdue:
            self._say_late(len(overdue))
            self._track(self._answer_by_template(overdue, LATE))
        if late:
            self._track(self._answer_by_template(late, LOADING if self._renewal else NO_TIME))
        if batch.model:
            self._begin([entry.payload for entry in batch.model], now_ms)

    def _say_late(self, requests: int) -> None:
        """At most a line every LATE_S: a copywriter that is late is late many times a second."""
        self._late += requests
        now_s = time.monotonic()
        if now_s - self._late_said_s >= LATE_S:
            log.warning("the copywriter is late: %d requests in its hands get their templates", self._late)
            self._late, self._late_said_s = 0, now_s

    async def _renew(self) -> None:
        await loaded_anew(self._thread.replace)
        self._renewal = None
        self._wake.set()

    def _begin(self, jobs: Sequence[Job], now_ms: float) -> None:
        """Plan a batch; lines without a copy go to the model in one call, the rest is answered at once."""
        answers: list[JobAnswer] = []
        for job in jobs:
            job.taken_ms = now_ms
            QUEUE_SECONDS.observe((now_ms - job.arrived_ms) / 1_000)
            ready = self._planning.answer(job) if self._planning.is_due(job) else None
            if ready is None:
                self._writing.append(job)
            else:
                answers.append(ready)
        if answers:
            self._track(self._finish(answers))
        if self._writing:
            self._given_up_ms = max(job.request.deadline for job in self._writing) + WEDGED_MS
            self._call = self._track(self._write(list(self._writing)))

    async def _write(self, jobs: Sequence[Job]) -> None:
        """One model call. A failure of the model is not one of the request: its jobs get their templates."""
        lines = [line for job in jobs for line in job.missing]
        GENERATION_BATCH.observe(len(lines))
        begun_s, begun_cpu_s = time.monotonic(), time.process_time()
        call_ms = min(job.entry.call_ms for job in jobs)
        fitting = max(1, min(CANDIDATES, self._drafts // len(lines)))
        candidates = drafts(len(self._queue), self._batch, fitting)
        why_none = ""
        try:
            order = WritingOrder(lines, max(job.request.deadline for job in jobs), candidates)
            written = await self._thread.submit(order)
            self._expected_ms = expected_model_ms(self._expected_ms, _ms_since(begun_s))
        except Exception as error:
            written, why_none = [], FAILED
            if waiting := sum(not job.ended for job in jobs):
                log.warning(
                    "the copywriter failed (%s): %d requests get their templates", line_of(error), waiting
                )
        model_ms = _ms_since(begun_s)
        written_for, most = len(lines) * candidates, self._most_drafts
        self._drafts = drafts_in_time(self._drafts, written_for, model_ms, call_ms, most)
        cpu_ms = (time.process_time() - begun_cpu_s) * 1_000 / len(jobs)
        GENERATION_SECONDS.observe(model_ms / 1_000)
        self._call = None
        self._writing = []
        self._wake.set()
        by_brief = {id(each.line.brief): each for each in written}
        open_jobs = [(job, job.plan) for job in jobs if not job.ended and job.plan]
        answers = [
            replace(
                answer_with_copy(job, plan, by_brief, self._rules_of, why_none),
                model_ms=model_ms,
                cpu_ms=cpu_ms,
            )
            for job, plan in open_jobs
        ]
        await self._finish(answers)

    async def _answer_by_template(self, jobs: Sequence[Job], why: str) -> None:
        for start in range(0, len(jobs), _CHUNK):
            chunk = [job for job in jobs[start : start + _CHUNK] if not job.ended]
            await self._finish([self._planning.template(job, why) for job in chunk])

    async def _finish(self, answers: Iterable[JobAnswer]) -> None:
        """Send what ends requests; only when the broker has it they are answered."""
        answers = [answer for answer in answers if not answer.job.ended]
        for answer in answers:
            answer.job.ended = True
        await self._outlet.publish(answers)
        for answer in answers:
            self._forget(answer.job)

    def _forget(self, job: Job) -> None:
        self._queue.close(job.entry)
        if self._jobs.get(job.request.request_id) is job:  # else its lane was given up, and may be back
            del self._jobs[job.request.request_id]
            for answered in (job.answered, *job.twins):
                answered()
        self._wake.set()

    def _track(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
            self._wake.set()


def _ms_since(begun_s: float) -> float:
    """Of the monotonic clock: a wall clock that jumps during one call would make every later request late."""
    return (time.monotonic() - begun_s) * 1_000
