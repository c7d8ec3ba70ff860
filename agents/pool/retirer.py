"""Takes entries out of the pool whose row, campaign, rule packs or model are no longer those they were
written for, and those that are over. Of those whose words were denied in a creative, the ones whose text is
at hand are marked as rejected, cold ones go."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import msgspec

from agents.creatives.reference import GeneratorReference
from agents.pool.ahead.wanting import owner_key
from agents.pool.basis import Bases, mark_of
from agents.pool.view import KeptEntry, Offered, PoolView
from models.campaigns import Campaign
from models.catalog.version import Catalog
from models.revocations import Revocation
from streams.mapping.copies import copy_output, copy_retired
from streams.metrics.pool import POOL_RETIRED
from streams.records.copies import REJECTED
from streams.tasks.turns import take_turns
from streams.topics import COPY
from streams.wire.output import Output

log = logging.getLogger(__name__)

_TICK_S: Final = 1.0
PASS_MS: Final = 5_000
"""So often all entries are looked at when new ones came; what changes under them is seen within a tick."""
EXPIRY_MS: Final = 60_000
AT_ONCE: Final = 500
"""Entries looked at, and withdrawn, before other things have their turn."""
CHANGED: Final = "changed"
DENIED: Final = "denied"
EXPIRED: Final = "expired"
GONE: Final = "gone"
BY_REVIEW: Final = "review"
"""Who rejected copy whose creative was denied."""


class Retirer:
    """Of the entries that this worker owns. Runs in the event loop."""

    def __init__(
        self,
        view: PoolView,
        reference: GeneratorReference,
        bases: Bases,
        model: Callable[[], str],
        owns: Callable[[str], bool],
        send: Callable[[Sequence[Output]], Awaitable[None]],
        clock_ms: Callable[[], float],
    ) -> None:
        """`model`: name and version of the copywriter in force."""
        self._view = view
        self._reference = reference
        self._bases = bases
        self._model = model
        self._owns = owns
        self._send = send
        self._clock_ms = clock_ms
        self._wake = asyncio.Event()
        self._judged_by: tuple[object, ...] = ()
        self._changes = -1
        self._passed_ms = 0.0

    def assign(self) -> None:
        """Other entries may be ours now."""
        self._judged_by = ()

    async def run(self) -> None:
        """Until cancelled."""
        await take_turns(self.turn, self._wake, _TICK_S)

    async def turn(self) -> None:
        """Retire what must go, when anything changed that entries stand on."""
        catalog, now_ms = self._reference.artifacts.catalog, int(self._clock_ms())
        if catalog is None:
            return
        judged_by = (
            id(catalog),
            self._reference.decisions,
            self._reference.revocations.changes,
            self._model(),
        )
        age_ms = now_ms - self._passed_ms
        fresh = self._view.changes != self._changes
        if judged_by == self._judged_by and 0 <= age_ms < (PASS_MS if fresh else EXPIRY_MS):
            return
        self._judged_by, self._changes, self._passed_ms = judged_by, self._view.changes, now_ms
        await self._sweep(catalog, now_ms)

    async def _sweep(self, catalog: Catalog, now_ms: int) -> None:
        retired: Counter[str] = Counter()
        due: list[str] = []
        for number, (offered, entries) in enumerate(self._view.offered()):
            if self._owns(owner_key(offered)):
                for key, why in self._over(offered, entries, catalog, now_ms):
                    retired[why] += 1
                    due.append(key)
                await self._reject(entries, now_ms)
            if len(due) >= AT_ONCE:
                await self._retire(due, now_ms)
                due = []
            elif number % AT_ONCE == 0:
                await asyncio.sleep(0)
        await self._retire(due, now_ms)
        for why, count in retired.items():
            POOL_RETIRED.labels(why).inc(count)
        if retired:
            log.info("%s: retired %s", COPY.name, ", ".join(f"{n} {why}" for why, n in retired.items()))

    def _over(
        self, offered: Offered, entries: Mapping[str, KeptEntry], catalog: Catalog, now_ms: int
    ) -> list[tuple[str, str]]:
        """(key, why) of the entries of a campaign and item that must go."""
        campaign, row = self._reference.campaigns.get(offered[0]), catalog.index.get(offered[1])
        if row is None or campaign is None or _has_ended(campaign, now_ms):
            return [(key, GONE) for key in entries]
        basis = self._bases.of(campaign, catalog.items[row], self._model())
        found = []
        for key, each in entries.items():
            if each.mark != mark_of(basis, each.status):
                found.append((key, CHANGED))
            elif each.expires_ms <= now_ms:
                found.append((key, EXPIRED))
            elif each.text is None and self._denial(each) is not None:
                found.append((key, DENIED))
        return found

    async def _reject(self, entries: Mapping[str, KeptEntry], now_ms: int) -> None:
        """Nobody serves them: `CopyPool` reads revocations. The entry says so, and its place is filled
        anew."""
        rejected = {}
        for key, each in entries.items():
            said = self._denial(each)
            if said is not None and each.text is not None:
                entry = each.entry()
                rejected[key] = msgspec.structs.replace(
                    entry, status=REJECTED, by=said.by or BY_REVIEW, decided=now_ms
                )
        if rejected:
            await self._send([copy_output(each, now_ms) for each in rejected.values()])
        for key, entry in rejected.items():
            self._view.take(key, entry)

    def _denial(self, kept: KeptEntry) -> Revocation | None:
        """Of the words of an entry that does not say so itself."""
        said = self._reference.revocations.get("copy", kept.copy_id)
        return said if said is not None and said.lasting and kept.status != REJECTED else None

    async def _retire(self, keys: Sequence[str], now_ms: int) -> None:
        if not keys:
            return
        await self._send([copy_retired(key, now_ms) for key in keys])
        for key in keys:
            self._view.take(key, None)


def _has_ended(campaign: Campaign, now_ms: int) -> bool:
    return campaign.status == "ended" or (campaign.end_ms is not None and campaign.end_ms <= now_ms)
