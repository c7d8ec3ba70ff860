"""A generator without Kafka: a broker that remembers, plans made beforehand, a model that can be held
back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import msgspec

from agents.creatives.plan import CreativePlan, Refusal, Written
from agents.generation.answering import Answering
from agents.generation.jobs import CopyWrittenAhead, Job
from agents.generation.outlet import Outlet
from agents.writing.drafts import WritingOrder, write_all
from agents.writing.model_thread import ModelThread
from agents.writing.stub import StubCopywriter
from models.brief.brief import Brief, Copy
from models.choice.request_queue import BatchSettings
from models.copywriter.generate import WrittenCopy
from models.rules import load_rules
from streams import records as r
from streams import topics
from streams.wire.codecs import WireLimits, decode
from streams.wire.output import Output
from tests.agents.creatives.generation_fixtures import plan, request


def clock_ms() -> float:
    return time.time() * 1_000


class Broker:
    """Takes outputs in order; may be slow or refuse."""

    def __init__(self) -> None:
        self.outputs: list[Output] = []
        self.fails = False
        self.held: asyncio.Event | None = None  # nothing is acknowledged before it is set

    async def send(self, outputs: Sequence[Output]) -> None:
        await asyncio.sleep(0)
        if self.held is not None:
            await self.held.wait()
        if self.fails:
            raise ConnectionError("no broker")
        self.outputs += outputs

    def endings(self) -> dict[str, r.GenerationResult]:
        found: dict[str, r.GenerationResult] = {}
        for output in self.outputs:
            if output.topic == topics.GENERATION.name:
                assert output.value is not None
                record = decode(
                    topics.GENERATION,
                    output.value,
                    output.key,
                    output.headers,
                    0,
                    WireLimits(max_ahead_ms=1 << 50),
                )
                assert isinstance(record, r.GenerationResult)
                assert record.request_id not in found, "a request ended twice"
                found[record.request_id] = record
        return found

    def creatives(self) -> list[r.Creative]:
        return [
            msgspec.json.decode(output.value, type=r.Creative)
            for output in self.outputs
            if output.topic == topics.CREATIVE.name and output.value
        ]

    def statuses(self) -> list[str]:
        return [ending.status for _, ending in sorted(self.endings().items())]

    def topics(self) -> list[str]:
        return [output.topic for output in self.outputs]


class Plans:
    """Plans every request alike unless told otherwise."""

    def __init__(self, planned: Callable[[], CreativePlan | Refusal] = plan) -> None:
        self.planned = planned
        self.standing = True
        self.writing = True
        self.code: str | None = None  # why nothing may go out

    def plan(self, request: r.CreativeRequest, now_ms: int) -> CreativePlan | Refusal:
        return self.planned()

    def stands(self, plan: CreativePlan, now_ms: int) -> bool:
        return self.standing

    def revoked(self, creative: r.Creative, origin_id: str) -> str | None:
        return self.code

    def note(self, made: Sequence[r.Creative]) -> None:
        """Remembers nothing."""

    def may_write(self, plan: CreativePlan) -> bool:
        return self.writing


class Gate:
    """A copywriter that hangs until it is let go, or fails."""

    model_hash = "gate"

    def __init__(self, error: Exception | None = None) -> None:
        self.open = threading.Event()
        self.entered = threading.Event()
        self.error = error
        self.sizes: list[int] = []
        self.candidates: list[int] = []

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
        candidates: int = 3,
        said: Sequence[object] = (),
    ) -> list[WrittenCopy]:
        self.sizes.append(len(briefs))
        self.candidates.append(candidates)
        self.entered.set()
        if self.error:
            raise self.error
        self.open.wait(20)
        return StubCopywriter(0).write(briefs, remaining_ms, accept, candidates)


class Bench:
    """A generator without Kafka."""

    def __init__(
        self,
        copywriter: Any,
        plans: Plans | None = None,
        settings: BatchSettings | None = None,
        renewed: Callable[[], Any] | None = None,
        pool: CopyWrittenAhead | None = None,
    ) -> None:
        """`renewed` loads what writes after a call that hung; without it the same writes on."""
        self.broker = Broker()
        self.plans = plans or Plans()
        self.answered: list[str] = []
        thread: ModelThread[WritingOrder, list[Written]] = ModelThread(
            _writing(copywriter), lambda: _writing(renewed() if renewed else copywriter)
        )
        thread.start()
        self.answering = Answering(
            settings or BatchSettings(size=4, wait_ms=1, capacity=8),
            self.plans,
            thread,
            Outlet(self.plans, self.broker.send, 4, clock_ms),
            load_rules,
            clock_ms,
            pool,
        )

    def job(
        self,
        n: int,
        user: str | None = None,
        n_trig: int = 1,
        in_ms: int = 10_000,
        lane: int = 0,
        **more: Any,
    ) -> Job:
        now = time.time() * 1_000
        asked = request(n, user or f"u{n}", n_trig, int(now) + in_ms, **more)
        return Job(asked, lane, now, lambda: self.answered.append(asked.request_id))

    async def submit(self, *jobs: Job) -> None:
        for job in jobs:
            await self.answering.submit(job)


def _writing(copywriter: Any) -> Callable[[WritingOrder], list[Written]]:
    return lambda order: write_all(copywriter, order, load_rules, clock_ms)


def drive(bench: Bench, story: Callable[[], Awaitable[None]]) -> None:
    """Run the generator while `story` happens."""

    async def both() -> None:
        running = asyncio.ensure_future(bench.answering.run())
        telling: Coroutine[Any, Any, None] = asyncio.wait_for(story(), 20)
        teller = asyncio.ensure_future(telling)
        await asyncio.wait({running, teller}, return_when=asyncio.FIRST_COMPLETED)
        for task in (running, teller):
            task.cancel()
        results = await asyncio.gather(running, teller, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise result

    asyncio.run(both())
