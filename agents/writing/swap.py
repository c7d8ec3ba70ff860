"""The copywriter in force, replaced between micro-batches.

An announced version is loaded and warmed up in a thread of its own while the old one goes on writing; then
one reference changes. A batch takes the reference once, so it is ended by the copywriter that began it, and
the old one is gone when its last batch is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from agents.creatives.plan import Written
from agents.writing.copywriters import Loaded, share_sessions, warm_up_copywriter
from agents.writing.drafts import WritingOrder, fill_line, write_all
from agents.writing.shadow import Shadow
from models.choice.drafting import RulesOf
from models.release import Release
from streams.artifacts.announcements import CURRENT, SHADOW, TRIAL, Announced
from streams.loud_end import line_of
from streams.metrics.generation import COPYWRITER_IN_FORCE, SWAPS

log = logging.getLogger(__name__)

_TICK_S: Final = 0.5
NO_COPYWRITER: Final = "NO_COPYWRITER"
"""Code of a template that stands in while the copywriter of an arm is not loaded."""
RETRY_MS: Final = 60_000
"""A version that was refused is tried again so long after: its files may have come."""

Load = Callable[[Release, int, Loaded | None], Loaded]
"""Loads a release that is in force since a moment (Unix ms), beside one whose sessions it may share. Raises
what says why it cannot."""


class Writers:
    """What writes now, and what writes beside it. `write` and `renewed` run in the model thread, everything
    else in the event loop."""

    def __init__(
        self,
        first: Loaded,
        load: Load | None,
        rules_of: RulesOf,
        clock_ms: Callable[[], float],
        passed: Callable[[str], None] = lambda _step: None,
        bar: float = 0.0,
    ) -> None:
        """`load` None: announcements are not for this worker; `bar`: the least score of a draft that is
        served."""
        self._loaded = first
        self._load = load
        self._rules_of = rules_of
        self._clock_ms = clock_ms
        self._passed = passed
        self._bar = bar
        self._shadow: Shadow | None = None
        self._arms: dict[str, Loaded] = {}  # NAME/VERSION -> what arms of experiments are written by
        self._refused: dict[str, tuple[Announced, float]] = {}  # role -> what was refused, when
        _show(CURRENT, first.release)

    @property
    def loaded(self) -> Loaded:
        """What the next batch is written with."""
        return self._loaded

    @property
    def shadow(self) -> Shadow | None:
        """What writes beside it, if anything does."""
        return self._shadow

    def write(self, order: WritingOrder) -> list[Written]:
        """One batch by the copywriter in force, lines of an arm that has its own by that; the shadow may have
        the former afterwards."""
        written: list[Written] = []
        for reference in dict.fromkeys(line.copywriter for line in order.lines):
            part = replace(order, lines=[line for line in order.lines if line.copywriter == reference])
            written += self._write_part(part, reference)
        return written

    def _write_part(self, order: WritingOrder, reference: str) -> list[Written]:
        loaded, begun_ms = self._of_arm(reference) if reference else self._loaded, self._clock_ms()
        if loaded is None:
            filled = (fill_line(line, self._rules_of, [NO_COPYWRITER]) for line in order.lines)
            return [each for each in filled if isinstance(each, Written)]
        written = write_all(loaded.copywriter, order, self._rules_of, self._clock_ms, self._bar)
        shadow = self._shadow
        if shadow is not None and not reference:
            shadow.offer(order, order.deadline_ms - begun_ms)
        return written

    def _of_arm(self, reference: str) -> Loaded | None:
        release = self._loaded.release
        same = release is not None and release.reference == reference
        return self._loaded if same else self._arms.get(reference)

    def renewed(self) -> Callable[[WritingOrder], list[Written]]:
        """`write` after a call that hung: with the same version loaded anew and warm, since the old one may
        be in any state."""
        hung = self._loaded
        fresh = replace(hung, copywriter=hung.again())
        warm_up_copywriter(fresh.copywriter)
        if self._loaded is hung:
            self._loaded = fresh
        return self.write

    async def follow(self, announced: Callable[[], Mapping[str, Announced]]) -> None:
        """Until cancelled: load and switch to what is announced."""
        while True:
            await self.turn(announced())
            await asyncio.sleep(_TICK_S)

    async def turn(self, announced: Mapping[str, Announced]) -> None:
        """One look at what is announced. What cannot be loaded is named in the log, and what writes goes on
        writing."""
        said, beside = announced.get(CURRENT), announced.get(SHADOW)
        if said is not None and said.since_ms > self._loaded.since_ms and self._may_try(CURRENT, said):
            await self._switch(said)
        if self._shadow is not None and (beside is None or self._shadow.said != beside):
            self._shadow.stop()
            self._shadow = None
            _show(SHADOW, None)
        if beside is not None and self._shadow is None and self._may_try(SHADOW, beside):
            await self._begin_shadow(beside)
        await self._follow_arms({role: each for role, each in announced.items() if role.startswith(TRIAL)})

    async def _follow_arms(self, announced: Mapping[str, Announced]) -> None:
        """Load what arms of experiments are written by, and let go what none is written by any more."""
        for reference in self._arms.keys() - {each.release.reference for each in announced.values()}:
            del self._arms[reference]
            _show(TRIAL + reference, None)
        for role, said in announced.items():
            held = self._arms.get(said.release.reference)
            if (held is None or held.release != said.release) and self._may_try(role, said):
                fresh = await self._ready(role, said)
                if fresh is not None:
                    self._arms[said.release.reference] = fresh
                    _show(role, fresh.release)
                    log.info("copywriter %s writes for an arm of an experiment", said.release.reference)

    def stop(self) -> None:
        """End the shadow."""
        if self._shadow is not None:
            self._shadow.stop()

    def _may_try(self, role: str, said: Announced) -> bool:
        before, at_ms = self._refused.get(role, (None, 0.0))
        if before == said and (self._load is None or 0 <= self._clock_ms() - at_ms < RETRY_MS):
            return False
        if self._load is None:
            self._refused[role] = (said, self._clock_ms())
            log.warning(
                "copywriter %s was announced as %s: not for this worker, whose SHIFTCAST_MODEL_DIR names "
                "one model and no registry",
                said.release.reference,
                role,
            )
        return self._load is not None

    async def _switch(self, said: Announced) -> None:
        if said.release == self._loaded.release:
            self._loaded = replace(self._loaded, since_ms=said.since_ms)
            return
        fresh = await self._ready(CURRENT, said)
        if fresh is None:
            return
        self._passed("swap_loaded")
        old, self._loaded = self._loaded, fresh
        self._passed("swap_switched")
        SWAPS.labels("switched").inc()
        _show(CURRENT, fresh.release)
        log.info("copywriter %s (%s) writes from the next batch on, after %s",
                 said.release.reference, fresh.copywriter.model_hash, old.copywriter.model_hash)  # fmt: skip

    async def _begin_shadow(self, said: Announced) -> None:
        fresh = await self._ready(SHADOW, said)
        if fresh is not None:
            self._shadow = Shadow(said, fresh.copywriter, self._rules_of, self._clock_ms, self._bar)
            _show(SHADOW, fresh.release)
            log.info(
                "copywriter %s writes beside, for %.0f %% of requests, unpublished",
                said.release.reference,
                100 * said.share,
            )

    async def _ready(self, role: str, said: Announced) -> Loaded | None:
        """The announced version, loaded and warm; None when it is refused."""
        assert self._load is not None
        try:
            fresh = await asyncio.to_thread(
                _loaded_and_warm, self._load, said, self._loaded if role == CURRENT else None
            )
        except Exception as error:
            self._refused[role] = (said, self._clock_ms())
            SWAPS.labels("refused").inc()
            log.error(
                "copywriter %s was announced as %s and is refused: %s; %s goes on writing",
                said.release.reference, role, line_of(error), self._loaded.copywriter.model_hash,
            )  # fmt: skip
            return None
        self._refused.pop(role, None)
        return fresh


def _loaded_and_warm(load: Load, said: Announced, running: Loaded | None) -> Loaded:
    """A shadow shares no session: it would wait for what is published, and be waited for."""
    fresh = load(said.release, said.since_ms, running)
    if running is None or not share_sessions(fresh.copywriter, running.copywriter):
        warm_up_copywriter(fresh.copywriter)
    return fresh


def _show(role: str, release: Release | None) -> None:
    """The gauge that names the release of a role, alone."""
    for labels in [each for each in _shown if each[0] == role]:
        COPYWRITER_IN_FORCE.remove(*labels)
        _shown.discard(labels)
    if release is not None:
        labels = (role, release.name, release.version)
        COPYWRITER_IN_FORCE.labels(*labels).set(1)
        _shown.add(labels)


_shown: set[tuple[str, str, str]] = set()
