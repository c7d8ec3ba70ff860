"""Keeps what many users share on the shelf: withdraws what must go, at once, and publishes what should stand,
a few creatives at a time.

What must go has a queue of its own, which is emptied before each few that are published; and right before
they are, their campaign must still run as it did when they were planned.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final

from agents.creatives.plan import Unfilled
from agents.creatives.publication import creative_output, withdraw_creative
from agents.creatives.reference import GeneratorReference
from agents.shelf.blanks import find_blanks
from agents.shelf.defaults import settled_shelf
from agents.shelf.gaps import Gaps
from agents.shelf.sharing import BestItems, Shared, fill_shared, is_due, made_of_standing
from agents.shelf.standing import Standing
from agents.writing.drafts import RulesOf
from models.campaigns import Campaign
from models.catalog.version import Catalog
from models.choice.matching import Matcher
from streams import metrics, topics
from streams.artifacts.kinds import artifact_key
from streams.artifacts.shared import SharedCreative, shared_record
from streams.tasks.turns import take_turns
from streams.wire.codecs import encode, headers
from streams.wire.output import Output

log = logging.getLogger(__name__)

_TICK_S: Final = 1.0
_NOTICE_MS: Final = 1_000
"""How late a campaign that begins or ends without a record is noticed; a record is noticed at once."""
PASS_MS: Final = 300_000
"""Every shelf is looked over at least this often: creatives are a day old without a record that says so."""
REST_MS: Final = 5_000
"""Between two looks over every shelf, so that a catalogue that changes item by item does not keep the worker
busy."""
FEW: Final = 8
"""Creatives published before requests, and what must go, have their turn."""
YIELD_S: Final = 0.02
YIELDS: Final = 10
"""Requests hold up the next few creatives of a shelf by 0.2 s at most: a thousand of them by 25 s."""
ENDED: Final = "ended"
REVOKED: Final = "revoked"
"""Why a creative is withdrawn."""


class Shelves:
    """Shared creatives of the campaigns this worker owns. Runs in the event loop."""

    def __init__(
        self,
        reference: GeneratorReference,
        owns: Callable[[str], bool],
        send: Callable[[Sequence[Output]], Awaitable[None]],
        rules_of: RulesOf,
        partitions: int,
        clock_ms: Callable[[], float],
        requests_wait: Callable[[], bool] = lambda: False,
    ) -> None:
        self._requests_wait = requests_wait
        self._reference = reference
        self._owns = owns
        self._send = send
        self._rules_of = rules_of
        self._partitions = partitions
        self._clock_ms = clock_ms
        self._standing = Standing()
        self._running: dict[str, Campaign | None] = {}  # as last seen; None = not running
        self._leaving: dict[str, None] = {}  # campaigns whose shelf is emptied
        self._due: dict[str, None] = {}  # campaigns whose shelf is looked over
        self._matcher: Matcher | None = None
        self._best: BestItems | None = None
        self._catalog: Catalog | None = None
        self._judged = (0, 0)  # decisions and changes of revocations that what stands was judged by
        self._revocations = 0  # changes of them that the shelves were looked over for
        self._gaps = Gaps()
        self._noticed_ms = self._passed_ms = 0.0
        self._published = self._gone = 0  # in this turn
        self._wake = asyncio.Event()

    def assign(self) -> None:
        """Other campaigns may be ours now."""
        self._running.clear()
        self._gaps.keep(self._owns)
        self._due.clear()
        self._leaving.clear()
        self._standing.forget_sent()
        self._matcher = self._catalog = None
        self._passed_ms = 0.0

    def wake(self) -> None:
        """Something may have to go now."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        await take_turns(self.turn, self._wake, _TICK_S)

    async def turn(self) -> None:
        """Withdraw what must go, then look over the shelves that are due."""
        self._standing.refresh(self._reference.artifacts.shared)
        self._published = self._gone = 0
        await self._withdraw()
        while self._due:
            campaign_id = next(iter(self._due))
            del self._due[campaign_id]
            await self._look_over(campaign_id)
            await self._withdraw()
        self._gaps.say()
        if self._published or self._gone:
            log.info("%d shared creatives published, %d creatives withdrawn", self._published, self._gone)

    async def _withdraw(self) -> None:
        """Empty the queue of what must go."""
        self._notice(int(self._clock_ms()))
        while self._leaving:
            campaign_id = next(iter(self._leaving))
            del self._leaving[campaign_id]
            await self._take_off(self._standing.of(campaign_id), ENDED)

    def _notice(self, now_ms: int) -> None:
        """Which campaigns changed, began or ended, what was revoked, whether every shelf is due."""
        matcher = self._reference.snapshot().matcher
        if matcher is None or (matcher is self._matcher and now_ms - self._noticed_ms < _NOTICE_MS):
            return
        self._noticed_ms = now_ms
        if matcher is not self._matcher:
            self._matcher, self._best = matcher, None
        known = self._running.keys() | matcher.campaigns.keys() | self._standing.campaigns()
        for campaign_id in sorted(known, reverse=True):  # each goes before those noticed earlier
            if self._owns(campaign_id):
                self._notice_campaign(campaign_id, matcher, now_ms)
        self._notice_refused()
        since_ms, revocations = now_ms - self._passed_ms, self._reference.revocations.changes
        changed = matcher.catalog is not self._catalog or revocations != self._revocations
        if since_ms >= PASS_MS or (changed and since_ms >= REST_MS):
            self._catalog, self._passed_ms, self._best = matcher.catalog, now_ms, None
            self._revocations = revocations
            self._due |= dict.fromkeys(each for each, campaign in self._running.items() if campaign)

    def _notice_refused(self) -> None:
        """Shelves of which something must go are due before all others."""
        judged = (self._reference.decisions, self._reference.revocations.changes)
        if judged == self._judged:
            return
        self._judged = judged
        touched = (
            id for id, campaign in self._running.items() if campaign and self._refused(self._standing.of(id))
        )
        self._due = dict.fromkeys(touched) | self._due

    def _refused(self, standing: Mapping[str, SharedCreative]) -> set[str]:
        """Keys of what stands and must not."""
        return {
            key for key, old in standing.items() if self._reference.is_refused(made_of_standing(key, old))
        }

    def _notice_campaign(self, campaign_id: str, matcher: Matcher, now_ms: int) -> None:
        campaign = matcher.campaigns.get(campaign_id)
        if campaign is not None and not campaign.running(now_ms):
            campaign = None
        if campaign_id in self._running and self._running[campaign_id] == campaign:
            return
        self._running[campaign_id] = campaign
        if campaign is None:
            self._gaps.forget(campaign_id)
            self._due.pop(campaign_id, None)
            self._leaving[campaign_id] = None
        else:
            self._due = {campaign_id: None} | self._due  # before the shelves where nothing changed

    async def _look_over(self, campaign_id: str) -> None:
        """Bring one shelf to what should stand."""
        campaign, matcher = self._running.get(campaign_id), self._matcher
        if campaign is None or matcher is None:
            return
        best = self._best = self._best or BestItems(matcher, int(self._clock_ms()))
        rows = await asyncio.to_thread(best.of, campaign_id)
        now_ms = int(self._clock_ms())
        is_refused = self._reference.is_refused
        settled = settled_shelf(matcher.catalog, campaign, rows, now_ms, is_refused, self._rules_of)
        shelf = {each.key: each for each in settled.planned if not is_refused(each.made_of(now_ms))}
        standing = self._standing.of(campaign_id)
        refused = self._refused(standing)
        ended = {key: old for key, old in standing.items() if key not in shelf}
        await self._take_off({key: old for key, old in ended.items() if key not in refused}, ENDED)
        await self._take_off({key: old for key, old in ended.items() if key in refused}, REVOKED)
        self._gaps.note_blanks(campaign, find_blanks(campaign, settled, rows, now_ms))
        due = [
            each for key, each in shelf.items() if key in refused or is_due(each, standing.get(key), now_ms)
        ]
        unfilled: list[tuple[Shared, Unfilled]] = []
        for start in range(0, len(due), FEW):
            await self._withdraw()
            await self._yield_to_requests()
            if self._running.get(campaign_id) is not campaign:
                return  # it ended, or is due again as it is now
            unfilled += await self._publish(due[start : start + FEW])
        left = refused & {each.key for each, _ in unfilled}
        await self._take_off({key: standing[key] for key in left}, REVOKED)
        self._gaps.note_unfilled(campaign, unfilled)

    async def _yield_to_requests(self) -> None:
        """Filling and judging take the processor from the model thread: requests go first, for a while."""
        for _ in range(YIELDS):
            if not self._requests_wait():
                return
            await asyncio.sleep(YIELD_S)

    async def _publish(self, few: Iterable[Shared]) -> list[tuple[Shared, Unfilled]]:
        """Ad servers first: a creative that profile workers know of exists. Returns what may not go out."""
        now_ms = int(self._clock_ms())
        ready: list[Output] = []
        told: list[tuple[str, SharedCreative]] = []
        unfilled: list[tuple[Shared, Unfilled]] = []
        for shared in few:
            if self._reference.is_refused(shared.made_of(now_ms)):
                continue
            made = fill_shared(shared, self._rules_of, now_ms)
            if isinstance(made, Unfilled):
                unfilled.append((shared, made))
                continue
            metrics.CREATIVES.labels(shared.slot, shared.audience.type, "template").inc()
            metrics.EXEMPT_HEADLINES.labels("shared").inc()
            ready.append(creative_output(shared.key, made[0], self._partitions, now_ms))
            told.append((shared.key, made[1]))
        if ready:
            await self._send(ready)
            await self._send([artifact_output(key, each, now_ms) for key, each in told])
        for key, each in told:
            self._standing.note_sent(key, each)
        self._published += len(ready)
        return unfilled

    async def _take_off(self, ended: dict[str, SharedCreative], cause: str) -> None:
        """Withdraw what stands under keys that should be empty."""
        now_ms = int(self._clock_ms())
        if ended:
            await self._send(
                [
                    withdraw_creative(key, each.creative_id, cause, self._partitions, now_ms)
                    for key, each in ended.items()
                ]
            )
            await self._send([artifact_output(key, None, now_ms) for key in ended])
            metrics.TOMBSTONES.labels(cause).inc(len(ended))
        for key in ended:
            self._standing.note_sent(key, None)
        self._gone += len(ended)


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
