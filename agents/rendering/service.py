"""The renderer around its parts: a batch of requests is drawn, stored, published, acknowledged, in this
order. Clips that the store has are answered behind the pictures of their batch; the others are made one
after the other behind everything else, and their batch is acknowledged after the last of them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from faust.types import TP

from agents.photos.cache import PhotoCache
from agents.photos.finder import HOST_REST_S, PhotoFinder
from agents.photos.later import Later
from agents.rendering.answers import for_one_user, render_answer
from agents.rendering.backgrounds import Backgrounds
from agents.rendering.clips.queue import ClipQueue, Ours, acknowledged_before, newest, parted_requests
from agents.rendering.clips.studio import MOST_S as MADE_S
from agents.rendering.equipment import equipped
from agents.rendering.files.file_names import KEPT_AFTER_MS, name_in
from agents.rendering.files.gone import gone_meanwhile, gone_of, let_go
from agents.rendering.files.stores import remove_expired
from agents.rendering.filming import Filming
from agents.rendering.judging import FOLLOWED
from agents.rendering.refusals import Refusals
from agents.rendering.voices.speaking import MOST_S as SPOKEN_S
from streams import records as r
from streams.broker.producer import OutputProducer
from streams.lane.fail_point import FailPoint
from streams.loud_end import end_now, line_of
from streams.metrics.lanes import LAG, LANES, OUTPUTS, REBALANCES, RECORDS
from streams.metrics.pictures import CLIPS, CLIPS_WAITING
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.topics import CREATIVE, RENDER_REQUEST
from streams.unix_time import unix_ms
from streams.wire.codecs import WireLimits, decode_batch
from streams.wire.dead_letters import dead_letter
from streams.wire.output import Output
from streams.wire.view import RecordBatch
from streams.worker.health import STALLED_S, Liveness

if TYPE_CHECKING:
    from streams.worker.app import BatchApp

log = logging.getLogger(__name__)

AT_ONCE: Final = 16
"""Pictures that are drawn before what is ready leaves."""
WATCH_S: Final = 1.0
_ASK_AGAIN_S: Final = 2 * HOST_REST_S
"""By then its host does not rest any more."""
STEP_S: Final = 600.0
"""A step of a background takes less, even a large model's on a slow processor."""
CLIP_S: Final = SPOKEN_S + 2 * MADE_S + STALLED_S
"""A clip takes less: its processes are ended, and what cannot be had with a voice is tried without."""


class Renderer:
    """One worker. Its methods are the app's hooks and run in the event loop; it draws in a thread and
    has clips made in processes."""

    def __init__(self, app: BatchApp) -> None:
        self._app = app
        self._settings: Settings = app.settings
        self._outputs = OutputProducer(self._settings)
        self._passed = FailPoint(self._settings.fail_point).passed
        self._cache = PhotoCache(self._settings.assets_dir / "photos")
        self._lanes: set[int] = set()
        self._drawing = Liveness()
        self._steps = 0
        self._drawn: dict[int, int] = {}  # lane -> offset behind the last batch whose pictures are out
        self._making = Liveness(CLIP_S)
        self._clips_answered = 0
        self._filming: Filming | None = None
        self._refusals = Refusals()
        self._later = Later()
        self._turn = asyncio.Lock()  # pictures of a batch, or those asked for once more
        self._clips = ClipQueue(CLIPS.labels("late").inc)
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = False

    async def connect(self) -> None:
        """Fonts, folder, broker. Ends the process with one line when something is missing."""
        try:
            self._ready()
            await self._fetcher.open()
            await self._outputs.start()
            await self._reviews.start()
        except Exception as error:
            end_now(line_of(error))
        self._tasks = [
            asyncio.create_task(remove_expired(self._store, self._cache, unix_ms)),
            asyncio.create_task(self._watch()),
            asyncio.create_task(self._draw_later()),
            asyncio.create_task(self._clips.work(self._film)),
        ]

    def _ready(self) -> None:
        made = equipped(self._settings, self._cache, self._refusals, self._worked)
        self._store, self._fetcher, self._artist = made.store, made.fetcher, made.artist
        self._photos = PhotoFinder(self._fetcher, self._cache, time.time)
        self._filming, self._reviews = made.filming, made.reviews
        if isinstance(made.artist.backgrounds, Backgrounds):
            self._drawing = Liveness(STEP_S)

    async def disconnect(self) -> None:
        """Stops what `connect` started. What is at hand is not acknowledged any more."""
        self._stopped = True
        self._clips.forget()
        self._store.stop()
        await cancelled(*self._tasks)
        await self._reviews.stop()
        await self._outputs.stop()
        await self._fetcher.close()

    def begin(self, _generation: int) -> None:
        """A new assignment."""
        assigned = self._app.consumer.assignment()
        self._lanes = {tp.partition for tp in assigned if tp.topic == RENDER_REQUEST.name}
        self._drawn.clear()
        REBALANCES.inc()
        LANES.set(len(self._lanes))

    def complaint(self) -> str:
        """What /health says."""
        now_s = time.monotonic()
        clips = "" if self._making.alive(now_s) else "clips wait and none is made"
        return self._drawing.complaint(now_s) or clips

    async def take(self, batch: RecordBatch, acknowledge: Callable[[], Awaitable[Any]]) -> None:
        """One batch: what cannot be read goes to the dead letters, of one key only the newest is drawn. A
        picture is stored before the creative that names it is sent, both before the batch is
        acknowledged."""
        ours = self._clips.ours()
        try:
            RECORDS.labels(batch.topic).inc(len(batch.records))
            if batch.topic == CREATIVE.name:
                await asyncio.to_thread(let_go, self._store, gone_of(batch.records), unix_ms())
                await acknowledge()
                return
            decoded, rejects = decode_batch(RENDER_REQUEST, batch.records, WireLimits.of(self._settings))
            app_id = self._app.conf.id
            await self._send(
                [
                    dead_letter(batch.records[each.index], app_id, each.stage, each.reason, each.message)
                    for each in rejects
                ]
            )
            for record in batch.records:
                self._refusals.came(record)
            wanted = newest([each for each in decoded if isinstance(each, r.RenderRequest)], unix_ms())
            self._later.forget(wanted)
            clips, pictures = parted_requests(wanted)
            for start in range(0, len(pictures), AT_ONCE):
                if not ours():
                    return
                async with self._turn:
                    missed = await self._draw(pictures[start : start + AT_ONCE])
                    self._later.add(missed, time.monotonic() + _ASK_AGAIN_S)
            self._drawn[batch.partition] = batch.records[-1].offset + 1
            self._worked()
            if clips and self._filming is not None:
                await self._clips.add(await self._unheld(self._filming, clips, ours), acknowledge, ours)
            else:
                await acknowledge()
        except Exception as error:
            self._fail(f"{batch.topic}[{batch.partition}]", error)

    async def _draw(self, wanted: Sequence[r.RenderRequest]) -> list[r.RenderRequest]:
        """Gives back those without a picture whose photo may come later."""
        found = await self._found(wanted)
        made = []
        for each in wanted:
            made.append(await asyncio.to_thread(self._artist.assets_of, each, found))
            self._worked()
        self._passed("pictures_stored")
        await self._answer(wanted, made)
        self._passed("pictures_acked")
        return self._to_ask_again(wanted, made)

    async def _found(self, wanted: Sequence[r.RenderRequest]) -> dict[str, str]:
        """Names of the photos and logos that are had, by address."""
        looks = [each.look for each in wanted]
        return await self._photos.find(address for look in looks for address in (look.photo, look.logo))

    def _to_ask_again(
        self, wanted: Sequence[r.RenderRequest], made: Sequence[Sequence[r.Asset]]
    ) -> list[r.RenderRequest]:
        """Those without anything whose photo may come later."""
        unseen = [each for each, assets in zip(wanted, made, strict=True) if not assets]
        return [each for each in unseen if self._photos.rests(each.look.photo)]

    async def _draw_later(self) -> None:
        """Once more what had no photo because its host did not answer; a clip waits its turn again."""
        while True:
            await asyncio.sleep(WATCH_S)
            ours = self._clips.ours()
            try:
                async with self._turn:
                    clips, pictures = parted_requests(newest(self._later.due(time.monotonic()), unix_ms()))
                    for start in range(0, len(pictures), AT_ONCE):
                        await self._draw(pictures[start : start + AT_ONCE])
                if clips:
                    await self._clips.add(clips, acknowledged_before, ours)
            except Exception as error:
                self._fail("pictures that were asked for again", error)

    async def _unheld(
        self, filming: Filming, clips: Sequence[r.RenderRequest], ours: Ours
    ) -> list[r.RenderRequest]:
        """Answers those whose clips are had without making one; gives back the others."""
        found = await self._found(clips)
        left = []
        for each in clips:
            held = await filming.held_of(each, found) if ours() and self._clips.is_turn(each) else None
            if held is None:
                left.append(each)
            elif ours():
                await self._answer([each], [held])
                self._later.add(self._to_ask_again([each], [held]), time.monotonic() + _ASK_AGAIN_S)
            self._worked()
        return left

    async def _film(self, request: r.RenderRequest, ours: Ours) -> None:
        """A clip that is still wanted when its turn comes; it goes out unless its partition went meanwhile,
        whose owner may have answered a newer request by now."""
        CLIPS_WAITING.set(len(self._clips))
        try:
            if self._filming is not None and request.creative.expires > unix_ms():
                made = [await self._filming.assets_of(request, await self._found([request]))]
                if not ours():
                    return
                await self._answer([request], made)
                if not self._clips.holds(request):
                    self._later.add(self._to_ask_again([request], made), time.monotonic() + _ASK_AGAIN_S)
            self._clips_answered += 1
        except Exception as error:
            self._fail(f"a clip of {request.creative.creative_id}", error)

    def _fail(self, what: str, error: Exception) -> None:
        """Ends the process; while it ends in order, what waited for the store fails, and is left to whoever
        comes next."""
        log.debug("%s failed", what, exc_info=error)
        if not self._stopped:
            end_now(f"{what}: {line_of(error)}")

    def _worked(self) -> None:
        """Pictures of a batch are out, or one is drawn, or a step of its background: /health must see that
        what takes long goes on."""
        self._steps += 1

    async def _answer(self, wanted: Sequence[r.RenderRequest], made: Sequence[Sequence[r.Asset]]) -> None:
        now_ms, partitions = unix_ms(), self._settings.partitions
        named = {
            asked.creative.creative_id: name_in(assets[0].url)
            for asked, assets in zip(wanted, made, strict=True)
            if assets and for_one_user(asked.creative)
        }
        gone = await self._gone(named, now_ms)
        answers = [
            render_answer(asked, assets, KEPT_AFTER_MS, partitions, now_ms)
            for asked, assets in zip(wanted, made, strict=True)
            if asked.creative.creative_id not in gone
        ]
        letters = self._refusals.letters(self._app.conf.id)
        await self._send([*letters, *(each for each in answers if each is not None)])

    async def _gone(self, named: Mapping[str, str], now_ms: int) -> set[str]:
        return await asyncio.to_thread(gone_meanwhile, self._store, named, now_ms)

    async def drain(self) -> None:
        """Partitions are given up: clips that wait are delivered again to whoever gets them, pictures
        that were to be asked for once more are not."""
        self._clips.forget()
        self._later.clear()

    async def _send(self, outputs: Sequence[Output]) -> None:
        if outputs:
            await self._outputs.send(outputs)
        for output in outputs:
            OUTPUTS.labels(output.topic).inc()

    async def _watch(self) -> None:
        """Lag, and whether what waits moves: pictures, and clips, which hold back what is acknowledged
        behind them."""
        while True:
            await asyncio.sleep(WATCH_S)
            if self._reviews.failed is not None:
                end_now(f"{', '.join(each.name for each in FOLLOWED)}: {line_of(self._reviews.failed)}")
            undrawn = 0
            for lane in self._lanes:
                tp = TP(RENDER_REQUEST.name, lane)
                committed = self._app.consumer.committed(tp) or 0
                LAG.labels(tp.topic, lane).set(self._app.consumer.behind(tp, committed))
                undrawn += self._app.consumer.behind(tp, max(committed, self._drawn.get(lane, 0)))
            now_s = time.monotonic()
            self._drawing.observe(now_s, undrawn, self._steps)
            self._making.observe(now_s, self._clips.unanswered, self._clips_answered)
