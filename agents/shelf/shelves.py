"""Keeps what many users share on the shelf: publishes what should stand, withdraws what ended or was
denied."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from agents.creatives.publication import creative_output, withdraw_creative
from agents.creatives.reference import GeneratorReference
from agents.shelf import sharing
from agents.writing.drafts import RulesOf
from models.choice.matching import Matcher
from streams import metrics, topics
from streams.wire.artifacts import SharedCreative, artifact_key, shared_record
from streams.wire.codecs import encode, headers
from streams.wire.output import Output

log = logging.getLogger(__name__)

_TICK_S: Final = 1.0
PAUSE_S: Final = 0.001
"""Between two shared creatives: requests go first."""
PASS_MS: Final = 300_000
"""A pass over all campaigns at least this often: flights begin and end without a record."""
REST_MS: Final = 5_000
"""Between two passes, so that a catalogue that changes item by item does not keep the worker busy."""
_BURST: Final = 50
"""Creatives sent at once."""
DENIED_MS: Final = 6 * 86_400_000
"""The longest life of a creative: an older denial has nothing left to withdraw."""


class Shelves:
    """Shared creatives of the campaigns this worker owns. Runs in the event loop and yields between
    campaigns."""

    def __init__(
        self,
        reference: GeneratorReference,
        owns: Callable[[str], bool],
        send: Callable[[Sequence[Output]], Awaitable[None]],
        rules_of: RulesOf,
        partitions: int,
        clock_ms: Callable[[], float],
    ) -> None:
        self._reference = reference
        self._owns = owns
        self._send = send
        self._rules_of = rules_of
        self._partitions = partitions
        self._clock_ms = clock_ms
        self._withdrawn: set[str] = set()
        self._seen: Matcher | None = None
        self._passed_ms = 0.0
        self._stale = True

    def assigned(self) -> None:
        """Other campaigns may be ours now."""
        self._stale = True

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(_TICK_S)

    async def turn(self) -> None:
        """Withdraw what was denied; look over all campaigns when something changed or enough time has
        passed."""
        now_ms = int(self._clock_ms())
        await self._withdraw_denied(now_ms)
        matcher = self._reference.snapshot().matcher
        if matcher is None or 0 <= now_ms - self._passed_ms < REST_MS:
            return
        if self._stale or matcher is not self._seen or not 0 <= now_ms - self._passed_ms < PASS_MS:
            self._seen, self._passed_ms, self._stale = matcher, now_ms, False
            await self._pass(matcher, now_ms)

    async def _pass(self, matcher: Matcher, now_ms: int) -> None:
        standing = dict(self._reference.artifacts.shared)
        keys: set[str] = set()
        ready: list[Output] = []
        told: list[Output] = []
        sent = 0
        for shared in sharing.wanted(matcher, self._owns, now_ms):
            await asyncio.sleep(PAUSE_S)
            if self._reference.is_denied(shared.creative_id):
                continue
            keys.add(shared.key)
            if sharing.publication_due(shared, standing.get(shared.key), now_ms):
                made = sharing.published(shared, self._rules_of, now_ms)
                if made is not None:
                    ready.append(creative_output(shared.key, made[0], self._partitions, now_ms))
                    told.append(artifact_output(shared.key, made[1], now_ms))
                    metrics.CREATIVES.labels(shared.slot, shared.audience.type, "template").inc()
            if len(ready) >= _BURST:
                sent += await self._flush(ready, told)
        for key, old in sharing.obsolete(standing, keys, self._owns):
            ready.append(withdraw_creative(key, old.creative_id, "ended", self._partitions, now_ms))
            told.append(artifact_output(key, None, now_ms))
            metrics.TOMBSTONES.labels("ended").inc()
        sent += await self._flush(ready, told)
        if sent:
            log.info("%d shared creatives published or withdrawn", sent)

    async def _flush(self, ready: list[Output], told: list[Output]) -> int:
        """Ad servers first: a creative that profile workers know of exists."""
        count = len(ready)
        if ready:
            await self._send(list(ready))
            await self._send(list(told))
        ready.clear()
        told.clear()
        return count

    async def _withdraw_denied(self, now_ms: int) -> None:
        """A tombstone per denied creative whose key is ours. A restart says so again: the header names which
        creative is meant."""
        for review, append_ts in list(self._reference.denials.values()):
            key = review.key or ""
            if review.id in self._withdrawn or now_ms - append_ts > DENIED_MS or not self._owns(_owner(key)):
                continue
            await self._send([withdraw_creative(key, review.id, "denied", self._partitions, now_ms)])
            metrics.TOMBSTONES.labels("denied").inc()
            self._withdrawn.add(review.id)


def artifact_output(key: str, shared: SharedCreative | None, now_ms: int) -> Output:
    """What profile workers join exposures of shared creatives on; None withdraws."""
    record = shared_record(key, shared) if shared is not None else None
    name = artifact_key(record) if record is not None else f"shared|0|{key}"
    value = encode(record) if record is not None else None
    return Output(
        topics.ARTIFACT.name,
        name.encode(),
        value,
        0,
        headers(topics.ARTIFACT.ce_type, f"{name}@{now_ms}", now_ms),
    )


def _owner(key: str) -> str:
    """What decides who withdraws a creative: the user's key, or a shared one's campaign."""
    audience, _, rest = key.partition("|")
    return key if audience.startswith("u:") else rest.partition("|")[0]
