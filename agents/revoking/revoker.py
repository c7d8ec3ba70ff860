"""Keeps ads.revocation.v1 true for the campaigns, templates, creatives and pictures whose ids this worker
owns. Items are the catalogue worker's: it alone sees one before and after."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

from agents.creatives.reference import GeneratorReference
from agents.revoking.causes import CauseFound, campaign_causes, review_findings
from agents.revoking.stating import is_forgotten, to_state
from models.revocations import Revocation
from streams.mapping.revocations import revocation_output, unsaid
from streams.metrics.creatives import REVOCATIONS
from streams.tasks.turns import take_turns
from streams.topics import REVOCATION
from streams.wire.output import Output

log = logging.getLogger(__name__)

_TICK_S: Final = 1.0
"""How late a flight that ends without a record is noticed; a record is noticed at once."""
STATED: Final = ("campaign", "template", "creative", "picture")


class Revoker:
    """Runs in the event loop. `send` returns when the broker has stored all."""

    def __init__(
        self,
        reference: GeneratorReference,
        owns: Callable[[str], bool],
        send: Callable[[Sequence[Output]], Awaitable[None]],
        clock_ms: Callable[[], float],
    ) -> None:
        self._reference = reference
        self._owns = owns
        self._send = send
        self._clock_ms = clock_ms
        self._wake = asyncio.Event()
        self._looked_at: tuple[int, int] | None = None  # what was decided and said, as last seen

    def assign(self) -> None:
        """Other ids may be ours now."""
        self._looked_at = None

    def wake(self) -> None:
        """Something may have to go now."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        await take_turns(self.turn, self._wake, _TICK_S)

    async def turn(self) -> None:
        """State what is not yet so."""
        now_ms = int(self._clock_ms())
        said = self._reference.revocations
        changed = [
            stated
            for found in self._findings(now_ms)
            if (stated := to_state(found, said.get(found.kind, found.id), now_ms)) is not None
            and self._owns(found.id)
        ]
        forgotten = [
            each
            for each in said
            if each.kind in STATED and is_forgotten(each, now_ms) and self._owns(each.id)
        ]
        if changed or forgotten:
            await self._state(changed, forgotten, now_ms)

    def _findings(self, now_ms: int) -> Iterator[CauseFound]:
        """Campaigns at every look; the rest only after something was said of one."""
        yield from campaign_causes(self._reference, now_ms)
        changes = (self._reference.decisions, self._reference.revocations.changes)
        if changes != self._looked_at:
            self._looked_at = changes
            yield from review_findings(self._reference)

    async def _state(
        self, changed: Sequence[Revocation], forgotten: Sequence[Revocation], now_ms: int
    ) -> None:
        for each in changed:  # known before it comes back, so that it is stated once
            self._reference.heed(each)
            REVOCATIONS.labels(each.kind, each.reason).inc()
        for each in forgotten:
            self._reference.revocations.drop(each.kind, each.id)
        await self._send(
            [revocation_output(each, now_ms) for each in changed]
            + [unsaid(each, now_ms) for each in forgotten]
        )
        counts = Counter(f"{each.kind} {each.reason}" for each in changed)
        if counts:
            log.info("%s: %s", REVOCATION.name, ", ".join(f"{n} {what}" for what, n in counts.items()))
