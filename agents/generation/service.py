"""The generator worker around its parts: what is started, what an assignment changes, what a stop waits
for."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from faust.types import TP

from agents.creatives import endings
from agents.creatives.declarations import Declarations
from agents.creatives.just_said import JustSaid
from agents.creatives.pictures import PictureAsker
from agents.creatives.plan import Written
from agents.creatives.planning import RequestPlanner
from agents.creatives.reference import GENERATOR_FOLLOWS, GeneratorReference
from agents.generation.answered import Answered
from agents.generation.answering import Answering
from agents.generation.first_pictures import FirstPictures
from agents.generation.intake import IntakePlace, Pending, RequestIntake
from agents.generation.jobs import Job
from agents.generation.outlet import Outlet
from agents.pool.keeper import PoolKeeper
from agents.revoking.revoker import Revoker
from agents.shelf.shelves import Shelves
from agents.writing.copywriters import announced_registry, bar_of, load_first, load_release
from agents.writing.drafts import WritingOrder
from agents.writing.model_thread import ModelThread
from agents.writing.swap import Load, Writers
from models.choice.request_queue import BatchSettings
from models.rules import load_rules
from streams import records as r
from streams import topics
from streams.broker.follow import Follower
from streams.broker.producer import OutputProducer
from streams.lane.fail_point import FailPoint
from streams.loud_end import end_now, line_of
from streams.metrics.generation import GENERATIONS
from streams.metrics.lanes import LAG, LANES, OUTPUTS, REBALANCES, RECORDS
from streams.settings import Settings
from streams.tasks.guarded import Guarded
from streams.topics import TopicSpec
from streams.unix_time import unix_ms
from streams.wire.codecs import Headers
from streams.wire.output import Output
from streams.wire.partition import partition
from streams.wire.view import RecordBatch
from streams.worker.health import Liveness

if TYPE_CHECKING:
    from streams.worker.app import BatchApp

log = logging.getLogger(__name__)

DRAIN_GRACE_S: Final = 5.0
"""What a revoke or stop waits beyond the deadline of the requests at hand; what is left then is answered by
the next owner."""
THREAD_GRACE_S: Final = 2.0
_WATCH_S: Final = 1.0


class Generator:
    """One worker. Its methods are the app's hooks and run in the event loop."""

    def __init__(self, app: BatchApp) -> None:
        self._app = app
        self._settings: Settings = app.settings
        self._outputs = OutputProducer(self._settings)
        self._reference = GeneratorReference(Declarations.of(self._settings))
        self._pool = PoolKeeper(self._settings, self._reference, self._owns, self._send, unix_ms)
        self._follower = Follower(self._settings, (*GENERATOR_FOLLOWS, *self._pool.follows), self._follow)
        self._just_said = JustSaid(self._settings.headline_window_s * 1_000)
        self._answered = Answered(self._settings, self._just_said)
        self._pictures = PictureAsker(
            self._settings.assets_url is not None, self._reference.advertised, self._settings.partitions
        )
        self._shelves = Shelves(
            self._reference,
            self._owns,
            self._send,
            load_rules,
            self._settings.partitions,
            unix_ms,
            self._pictures,
            self._requests_wait,
        )
        self._revoker = Revoker(self._reference, self._owns, self._send, unix_ms)
        self._lanes: set[int] = set()
        self._loading: asyncio.Task[None] | None = None
        self._draining = False
        self._liveness = Liveness()
        self._guarded = Guarded()
        self._acknowledging: set[asyncio.Task[None]] = set()
        self._answers = 0

    async def connect(self) -> None:
        """Load the copywriter, read the reference data to its end, connect. Ends the process with one line
        when something is missing."""
        try:
            await self._connect()
        except Exception as error:
            log.debug("start failed", exc_info=True)
            end_now(line_of(error))

    async def _connect(self) -> None:
        settings = self._settings
        passed = FailPoint(settings.fail_point).passed
        first = await asyncio.to_thread(load_first, settings)
        loader = _loader(settings)
        self._writers = Writers(first, loader, load_rules, unix_ms, passed, bar_of(settings))
        self._thread: ModelThread[WritingOrder, list[Written]] = ModelThread(
            self._writers.write, self._writers.renewed
        )
        self._thread.start()
        await self._outputs.start()
        await self._follower.start()
        planner = RequestPlanner(self._reference.snapshot, self._just_said, self._pictures.layouts)
        first_pictures = FirstPictures.of(
            settings, self._pictures, self._reference.picture_status, lambda: int(unix_ms())
        )
        self._answering = Answering(
            BatchSettings(settings.generation_batch, settings.generation_wait_ms),
            planner,
            self._thread,
            Outlet(planner, self._send, settings.partitions, unix_ms, passed, self._pictures, first_pictures),
            load_rules,
            unix_ms,
            self._pool.serving(lambda: self._writers.loaded),
        )
        self._intake = RequestIntake(
            self._answered,
            IntakePlace(settings.partitions, self._app.conf.id, self._holds),
            self._submit,
            self._end,
            self._send,
        )
        if self._reference.snapshot().matcher is None:
            log.warning("no catalogue yet: requests end as no_match; make one with `shiftcast index`")
        log.info("copywriter %s", first.copywriter.model_hash)
        self._guarded.start(self._answering.run())
        self._guarded.start(self._revoker.run())
        self._guarded.start(self._shelves.run())
        self._guarded.start(self._writers.follow(lambda: self._reference.artifacts.copywriters))
        self._guarded.start(self._watch())
        for task in self._pool.tasks(lambda: self._writers.loaded, self._requests_wait, passed):
            self._guarded.start(task)

    def complaint(self) -> str:
        """What /health says."""
        return self._liveness.complaint(time.monotonic())

    async def disconnect(self) -> None:
        """Stop what `connect` started; the requests at hand have been answered by `drain`."""
        await self._guarded.stop()
        self._writers.stop()
        if not self._thread.stop(THREAD_GRACE_S):
            log.warning("the copywriter did not come back within %s s: left behind", THREAD_GRACE_S)
        await self._follower.stop()
        await self._outputs.stop()

    def begin(self, generation: int) -> None:
        """A new assignment: what its lanes answered before is read again before their first batch is
        taken."""
        self._lanes = {
            tp.partition for tp in self._app.consumer.assignment() if tp.topic == topics.REQUEST.name
        }
        REBALANCES.inc()
        LANES.set(len(self._lanes))
        self._loading = self._guarded.start(self._load())
        self._revoker.assign()
        self._shelves.assign()
        self._pool.assign()
        self._draining = False

    async def drain(self) -> None:
        """Answer what is at hand before the partitions are given up, as long as their deadlines allow."""
        self._draining = True
        try:
            await asyncio.wait_for(
                self._answering.finish(), self._settings.generation_deadline_ms / 1_000 + DRAIN_GRACE_S
            )
        except TimeoutError:
            log.warning(
                "%d requests were not answered in time: the next owner answers them", len(self._answering)
            )
            for lane in range(self._settings.partitions):
                self._answering.drop(lane)
        if self._acknowledging:
            await asyncio.wait(self._acknowledging)  # what is answered is committed before the partitions go

    async def take(self, batch: RecordBatch, acknowledge: Callable[[], Awaitable[Any]]) -> None:
        """Deal with one batch of requests; it is acknowledged when the last of them is answered."""
        try:
            if self._loading is not None and not self._loading.done():
                await asyncio.wait({self._loading})
            RECORDS.labels(batch.topic).inc(len(batch.records))
            pending = Pending(len(batch.records), lambda: self._background(acknowledge))
            for record in batch.records:
                if self._draining:
                    return
                await self._intake.take(record, batch.partition, pending.done)
        except Exception as error:
            log.debug("batch failed", exc_info=True)
            end_now(f"{batch.topic}[{batch.partition}]: {line_of(error)}")

    def _follow(
        self, spec: TopicSpec, key: str, record: r.Record | None, headers: Headers, append_ts: int
    ) -> None:
        """The pool, or reference data; what may take a creative off the shelf is looked at now."""
        if spec is topics.COPY:
            self._pool.view.take(key, record)
            return
        self._reference.on_record(spec, key, record, headers, append_ts)
        if spec in (topics.CAMPAIGN, topics.REVIEW, topics.REVOCATION):
            self._revoker.wake()
            self._shelves.wake()

    async def _load(self) -> None:
        consumer = self._app.consumer
        committed = {lane: consumer.committed(TP(topics.REQUEST.name, lane)) for lane in self._lanes}
        await self._answered.load(committed, int(unix_ms()))

    async def _submit(self, request: r.CreativeRequest, lane: int, done: Callable[[], None]) -> None:
        def answered() -> None:
            self._answers += 1
            self._answered.remember(request.request_id)
            done()

        await self._answering.submit(Job(request, lane, unix_ms(), answered))

    async def _end(self, request: r.CreativeRequest, lane: int) -> None:
        """End a request whose creatives are out: their pictures may not have been asked for."""
        published, now_ms = self._answered.published(request.request_id), int(unix_ms())
        ending = endings.end_published(request, published, now_ms)
        GENERATIONS.labels(ending.status).inc()
        without = [each for each in published if each.replaces_version is None]
        asked = self._pictures.requests(without, now_ms, request.pictures)
        await self._send([*asked, endings.result_output(ending, lane)])

    async def _send(self, outputs: Sequence[Output]) -> None:
        await self._outputs.send(outputs)
        for output in outputs:
            OUTPUTS.labels(output.topic).inc()

    def _requests_wait(self) -> bool:
        """Whether requests are at hand: each has a deadline, a shelf has not."""
        return len(self._answering) > 0

    def _holds(self, lane: int) -> bool:
        """Whether what is taken from a lane may still be answered here."""
        return not self._draining and lane in self._lanes

    def _owns(self, key: str) -> bool:
        """Whether the request partition of a campaign id or creative key is ours."""
        return partition(key.encode(), self._settings.partitions) in self._lanes

    def _background(self, acknowledge: Callable[[], Awaitable[Any]]) -> None:
        async def run() -> None:
            await acknowledge()

        task = self._guarded.start(run())
        self._acknowledging.add(task)
        task.add_done_callback(self._acknowledging.discard)

    async def _watch(self) -> None:
        """Lag, liveness, whether the reference data is still followed, and when there is a catalogue."""
        waiting = self._reference.snapshot().matcher is None
        while True:
            await asyncio.sleep(_WATCH_S)
            if self._follower.failed is not None:
                raise self._follower.failed
            if waiting and (matcher := self._reference.snapshot().matcher) is not None:
                waiting = False
                log.info(
                    "a catalogue is here: version %d, %d items",
                    matcher.catalog.version,
                    len(matcher.catalog.items),
                )
            lag = 0
            for lane in self._lanes:
                tp = TP(topics.REQUEST.name, lane)
                behind = self._app.consumer.behind(tp, self._app.consumer.committed(tp) or 0)
                LAG.labels(tp.topic, lane).set(behind)
                lag += behind
            self._liveness.observe(time.monotonic(), lag, self._answers)


def _loader(settings: Settings) -> Load | None:
    """How announced copywriters are loaded; None where none can be."""
    registry = announced_registry(settings)
    return None if registry is None else partial(load_release, settings, registry)
