"""What the generator and the constraints cost beside the bare runtime, with the built-in model's briefs."""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Final
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from agents.creatives.plan import SlotPlan, Written
from agents.writing import drafts as writing
from agents.writing.drafts import WritingOrder, write_all
from agents.writing.model_thread import ModelThread
from models.brief.brief import Brief
from models.campaigns import Template
from models.copywriter.generate import Copywriter
from models.copywriter.sampling import Writing
from models.decoder.engine import DecoderEngine
from models.decoder.sequence import Chooser, Prompt, seed_of
from models.evaluation.briefs import own_briefs
from models.rules import load_rules
from tests.bench.copywriter.random_models import Checkpoint
from tests.bench.copywriter.rounds import Ratio, Work
from tests.bench.copywriter.runtime_speed import endless

ORDER: Final = 16
"""Lines of one call: what a lane of the generator hands over at a time."""
CONSTRAINED_ROWS: Final = 16
WARM_UP: Final = 10
"""Batches before those that are measured."""
_TEMPLATE: Final = Template("t1", "native", "en", "{noun}", "Find it at {brand}.", "Shop now", audit=3)


class Outside:
    """Functions whose CPU time is counted apart."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            began = time.thread_time()
            result = work(*arguments, **named)
            self.seconds += time.thread_time() - began
            return result

        return run


def lines_of(briefs: Sequence[Brief]) -> list[SlotPlan]:
    return [SlotPlan(brief.slot, _TEMPLATE, f"{brief.style}:t1", 1.0, "p1", brief) for brief in briefs]


async def through_thread(
    thread: ModelThread[WritingOrder, list[Written]], orders: Sequence[WritingOrder]
) -> int:
    """Every order through the generator's model thread; creatives that the model wrote."""
    answers = [await thread.submit(order) for order in orders]
    return sum(written.source == "model" for answer in answers for written in answer)


class Recorder:
    """Keeps what the runtime was asked, so that the same is asked again without everything around it."""

    def __init__(self, engine: DecoderEngine, table: object) -> None:
        self._decode, self._table = engine.decode, table
        self.calls: list[tuple[Sequence[Prompt], Chooser, tuple[Any, ...]]] = []

    def __call__(self, prompts: Sequence[Prompt], chooser: Chooser, *rest: Any) -> Any:
        self.calls.append((prompts, self.fresh(chooser), rest))
        return self._decode(prompts, chooser, *rest)

    def fresh(self, chooser: Chooser) -> Chooser:
        """The chooser before it chose; the table, which never changes, is shared."""
        return copy.deepcopy(chooser, {id(self._table): self._table})


def agent_share(copywriter: Copywriter, rounds: int, count: int = 64) -> tuple[Ratio, int]:
    """Creatives per CPU-second through the generator over those of the runtime alone, and how many were
    written.

    The generator's side is everything from an order to chosen copy (prompts, layouts, retries, rendering, the
    model thread), without review and ranking; the runtime's side is the very same decode calls, constraints
    included.
    """
    briefs, engine, outside = own_briefs(("en",))[:count], copywriter.engine, Outside()
    orders = [
        WritingOrder(lines_of(briefs[start : start + ORDER]), endless()) for start in range(0, count, ORDER)
    ]
    loop = asyncio.new_event_loop()
    thread: ModelThread[WritingOrder, list[Written]] = ModelThread(
        lambda order: write_all(copywriter, order, load_rules, lambda: 0.0)
    )
    thread.start()
    recorder = Recorder(engine, copywriter._format.table)
    with mock.patch.object(engine, "decode", recorder):
        made = loop.run_until_complete(through_thread(thread, orders))

    def agent() -> object:
        outside.seconds = 0.0
        return loop.run_until_complete(through_thread(thread, orders))

    fresh: list[Chooser] = []

    def bare() -> object:
        return [
            engine.decode(prompts, chooser, *rest)
            for (prompts, _, rest), chooser in zip(recorder.calls, fresh, strict=True)
        ]

    seconds: dict[str, list[float]] = {"agent": [], "bare": []}
    try:
        with ExitStack() as stack:
            for name in ("review", "score", "best"):
                stack.enter_context(mock.patch.object(writing, name, outside.timed(getattr(writing, name))))
            for _ in range(rounds):
                fresh = [recorder.fresh(chooser) for _, chooser, _ in recorder.calls]
                seconds["bare"].append(cpu_s(bare))
                seconds["agent"].append(cpu_s(agent) - outside.seconds)
    finally:
        thread.stop(5.0)
        loop.close()
    return Ratio.of(seconds["bare"], seconds["agent"]), made


def cpu_s(work: Work) -> float:
    """CPU seconds of one run, all threads."""
    began = time.process_time()
    work()
    return time.process_time() - began


class Timed:
    """A chooser whose CPU time, and that of the steps between its calls, is added up while all rows are
    live."""

    def __init__(self, chooser: Chooser, rows: int) -> None:
        self._chooser, self._rows, self._left = chooser, rows, 0.0
        self.choosing = self.stepping = 0.0

    def choose(
        self,
        rows: NDArray[np.int64],
        top_logits: NDArray[np.float32],
        top_ids: NDArray[np.int64],
        step: int,
        draws: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        began = time.thread_time()
        chosen = self._chooser.choose(rows, top_logits, top_ids, step, draws)
        ended = time.thread_time()
        if step and len(rows) == self._rows:
            self.choosing += ended - began
            self.stepping += began - self._left
        self._left = ended
        return chosen


def constraint_share(copywriter: Copywriter, checkpoint: Checkpoint, rounds: int) -> Ratio:
    """Share of a decode step that the constraints take: rows of the built-in format through a random model
    with its vocabulary.

    A worker has met its tokens before; a random model says all of them alike, so other requests come first
    until most were said.
    """
    engine, style = checkpoint.engine(batch_rows=CONSTRAINED_ROWS), copywriter._format
    briefs = own_briefs(("en",))
    shares = []
    for number in range(WARM_UP + rounds):
        places = range(number * CONSTRAINED_ROWS, (number + 1) * CONSTRAINED_ROWS)
        chosen = [replace(briefs[at % len(briefs)], request_id=f"rq_{at}") for at in places]
        prompts = [
            Prompt(
                (), tuple(ids for part in style.prompt(brief) for ids in part), 0, seed_of(brief.request_id)
            )
            for brief in chosen
        ]
        layouts = [style.layout(brief) for brief in chosen]
        timed = Timed(
            Writing(style.table, layouts, 1, copywriter.temperature, copywriter.floor), CONSTRAINED_ROWS
        )
        engine.decode(prompts, timed, endless, 1, style.copy_limit)
        shares.append(timed.choosing / (timed.choosing + timed.stepping))
    measured = shares[WARM_UP:]
    return Ratio(float(np.median(measured)), min(measured), max(measured))
