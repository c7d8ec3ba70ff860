"""Keeps what many users share on the shelf: withdraws what must go, at once, and publishes what should stand,
a few creatives at a time.

What must go has a queue of its own, which is emptied before each few that are published; and right before
they are, their campaign must still run as it did when they were planned.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from agents.creatives.pictures import PictureAsker
from agents.creatives.plan import Unfilled
from agents.creatives.reference import GeneratorReference
from agents.shelf.blanks import find_blanks
from agents.shelf.defaults import settled_shelf
from agents.shelf.gaps import Gaps
from agents.shelf.hanging import Hanging, Hung
from agents.shelf.outlet import ShelfOutlet
from agents.shelf.sharing import BestItems, Shared, fill_shared, is_publication_due, made_of_standing
from agents.shelf.standing import ShelfStanding
from models.campaigns import Campaign
from models.catalog.version import Catalog
from models.choice.drafting import RulesOf
from models.choice.matching import Matcher
from streams import records as r
from streams.artifacts.shared import SharedCreative
from streams.metrics.creatives import CREATIVES
from streams.metrics.generation import EXEMPT_HEADLINES
from streams.tasks.turns import take_turns
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
        pictures: PictureAsker,
        requests_wait: Callable[[], bool] = lambda: False,
    ) -> None:
        self._requests_wait = requests_wait
        self._reference = reference
        self._owns = owns
        self._rules_of = rules_of
        self._clock_ms = clock_ms
        self._standing = ShelfStanding()
        self._hanging = Hanging(pictures, reference.is_refused)
        self._outlet = ShelfOutlet(send, self._standing, self._hanging, pictures, partitions, clock_ms)
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
        self._notice_pictures()
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
            await self._outlet.take_down(self._hanging.of(campaign_id))

    def _notice_pictures(self) -> None:
        """Campaigns with pictures to hang up, or that came when their creatives were gone."""
        for campaign_id in self._hanging.refresh(self._reference.artifacts.pictured):
            if self._owns(campaign_id) and campaign_id in self._running:
                queue = self._leaving if self._running[campaign_id] is None else self._due
                queue[campaign_id] = None

    def _notice(self, now_ms: int) -> None:
        """Which campaigns changed, began or ended, what was revoked, whether every shelf is due."""
        matcher = self._reference.snapshot().matcher
        if matcher is None or (matcher is self._matcher and 0 <= now_ms - self._noticed_ms < _NOTICE_MS):
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
        since_ms = since_ms if since_ms >= 0 else PASS_MS  # the clock was set back
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
            each
            for key, each in shelf.items()
            if key in refused or is_publication_due(each, standing.get(key), now_ms)
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
        await self._hang(campaign, shelf)
        await self._outlet.take_down(self._hanging.of(campaign_id) - self._standing.of(campaign_id).keys())

    async def _hang(self, campaign: Campaign, shelf: Mapping[str, Shared]) -> None:
        """Publish what stands again with its picture, and ask for pictures that nobody asked for."""
        standing = self._standing.of(campaign.campaign_id)
        wanting = [
            each
            for key, each in shelf.items()
            if key in standing and self._hanging.is_wanting(key, standing[key])
        ]
        for start in range(0, len(wanting), FEW):
            await self._withdraw()
            await self._yield_to_requests()
            if self._running.get(campaign.campaign_id) is not campaign:
                return
            await self._publish_pictures(wanting[start : start + FEW])

    async def _publish_pictures(self, few: Iterable[Shared]) -> None:
        again: dict[str, Hung] = {}
        missing: dict[str, r.Creative] = {}
        for shared in few:
            standing = self._standing.of(shared.campaign.campaign_id).get(shared.key)
            if standing is None or self._reference.is_refused(made_of_standing(shared.key, standing)):
                continue
            made = fill_shared(shared, self._rules_of, standing.created_ms)
            if isinstance(made, Unfilled) or made[1] != replace(standing, picture="", pictures=()):
                continue  # it is published anew
            if (hung := self._hanging.hung(shared.key, made)) is not None:
                again[shared.key] = hung
            else:
                missing[shared.key] = made[0]
        await self._outlet.publish(again)
        await self._outlet.ask(missing)

    async def _take_off(self, ended: Mapping[str, SharedCreative], cause: str) -> None:
        await self._outlet.take_off(ended, cause)
        self._gone += len(ended)

    async def _yield_to_requests(self) -> None:
        """Filling and judging take the processor from the model thread: requests go first, for a while."""
        for _ in range(YIELDS):
            if not self._requests_wait():
                return
            await asyncio.sleep(YIELD_S)

    async def _publish(self, few: Iterable[Shared]) -> list[tuple[Shared, Unfilled]]:
        """Ad servers first: a creative that profile workers know of exists. Returns what may not go out."""
        now_ms = int(self._clock_ms())
        ready: dict[str, Hung] = {}
        unfilled: list[tuple[Shared, Unfilled]] = []
        for shared in few:
            if self._reference.is_refused(shared.made_of(now_ms)):
                continue
            made = fill_shared(shared, self._rules_of, now_ms)
            if isinstance(made, Unfilled):
                unfilled.append((shared, made))
                continue
            CREATIVES.labels(shared.slot, shared.audience.type, "template").inc()
            EXEMPT_HEADLINES.labels("shared").inc()
            ready[shared.key] = self._hanging.kept(shared.key, made)
        await self._outlet.publish(ready)
        await self._outlet.ask({key: creative for key, (creative, _) in ready.items()})
        self._published += len(ready)
        return unfilled
