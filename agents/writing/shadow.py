"""A copywriter that writes beside the one in force: for a share of requests, after the answer, measured and
never published."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import Empty, Full, Queue
from typing import Final

from agents.writing.drafts import DraftWriter, WritingOrder, write_all
from models.choice.drafting import RulesOf
from streams.artifacts.announcements import Announced
from streams.loud_end import line_of
from streams.metrics.generation import SHADOW_BRIEFS, SHADOW_FINDINGS, SHADOW_SECONDS
from streams.wire.ids import hash64

log = logging.getLogger(__name__)

POLL_S: Final = 0.5


class Shadow:
    """One thread that writes one order at a time. Orders that come meanwhile are passed over: it never delays
    what is published."""

    def __init__(
        self,
        said: Announced,
        copywriter: DraftWriter,
        rules_of: RulesOf,
        clock_ms: Callable[[], float],
        bar: float = 0.0,
    ) -> None:
        self.said = said
        self._copywriter = copywriter
        self._rules_of = rules_of
        self._clock_ms = clock_ms
        self._bar = bar
        self._orders: Queue[tuple[WritingOrder, float]] = Queue(maxsize=1)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
        self._thread.start()

    def offer(self, order: WritingOrder, window_ms: float) -> None:
        """Take what falls into the share of requests; it has as long as the published copy had. Returns at
        once."""
        lines = [line for line in order.lines if in_share(line.brief.request_id, self.said.share)]
        if not lines:
            return
        try:
            self._orders.put_nowait((WritingOrder(lines, 0.0), window_ms))
        except Full:
            SHADOW_BRIEFS.labels("passed_over").inc(len(lines))

    def stop(self) -> None:
        """Take no more; what is being written is thrown away when it is done."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                order, window_ms = self._orders.get(timeout=POLL_S)
            except Empty:
                continue
            try:
                self._measure(order, window_ms)
            except Exception as error:
                SHADOW_BRIEFS.labels("failed").inc(len(order.lines))
                log.warning(
                    "the shadow %s failed on %d briefs: %s",
                    self.said.release.reference,
                    len(order.lines),
                    line_of(error),
                )

    def _measure(self, order: WritingOrder, window_ms: float) -> None:
        begun_ms = self._clock_ms()
        allowed = WritingOrder(order.lines, begun_ms + window_ms)
        written = write_all(self._copywriter, allowed, self._rules_of, self._clock_ms, self._bar)
        SHADOW_SECONDS.observe((self._clock_ms() - begun_ms) / 1_000)
        for each in written:
            SHADOW_BRIEFS.labels(each.source).inc()
            for code in each.codes:
                SHADOW_FINDINGS.labels(code).inc()
        if len(written) < len(order.lines):
            SHADOW_BRIEFS.labels("nothing").inc(len(order.lines) - len(written))


def in_share(request_id: str, share: float) -> bool:
    """Whether a request is one of the share: the same ones at every worker and after every restart."""
    return hash64(f"shadow|{request_id}") < share * 2**64
