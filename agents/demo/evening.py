"""One evening of the demo on a raised stage: users live, creatives appear, the score is taken."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final

from agents.calibration.threshold import propose, publish_threshold
from agents.demo.browsing import Browsing
from agents.demo.clips import show_clips
from agents.demo.crowd import Crowd
from agents.demo.earned import ctr_by_arm
from agents.demo.gallery_page import write_gallery
from agents.demo.languages import sold_in
from agents.demo.score import DemoTally
from agents.demo.show import Show
from agents.demo.stage import HOME, Stage, set_stage
from agents.demo.trial import DemoTrial
from agents.overview.gauges import Gauges, GaugeSample
from agents.overview.state import WATCHED, Overview
from agents.overview.tail import Tail
from models.world.traffic import EVENTS_PER_VISIT, TrafficPlan
from streams.records import Campaign, CatalogItem, CopyEntry
from streams.tasks.cancelled import cancelled
from streams.unix_time import unix_ms

FOUND_WITHIN_S: Final = 3.0
"""After the last event: time for the last creatives to arrive before the score is taken."""
CATCH_UP_S: Final = 60.0
DRAWN_MEANWHILE: Final = frozenset({"renderer"})
"""Whom the evening does not wait for before it begins: the first thousand pictures take a minute, and nothing
that is told about the evening hangs on them."""
JUDGE_S: Final = 15.0
"""Between two looks at the experiment."""


@dataclass(frozen=True)
class EveningSize:
    """How many live how fast; positives per user = rate * seconds / events per visit / users, enough to judge
    a shift by 20 of them."""

    users: int
    rate: float
    seconds: float
    history_per_s: float = 400.0
    history: int = 32
    target: float = 3.0


class Demo:
    """One run on a raised stage."""

    def __init__(
        self,
        stage: Stage,
        show: Show,
        overview: Overview,
        items: list[CatalogItem],
        offers: list[Campaign],
        kept: list[CopyEntry],
        size: EveningSize,
        seed: int,
        begun: float,
    ) -> None:
        self.stage, self.show, self.overview, self.items, self.offers, self.size = (
            stage,
            show,
            overview,
            items,
            offers,
            size,
        )
        self.begun, self.begun_ms = begun, unix_ms() - round((time.monotonic() - begun) * 1000)
        self.tally = DemoTally({item.item_id: item.noun or "" for item in items})
        positives = round(size.rate * size.seconds / EVENTS_PER_VISIT / size.users)
        self.plan = TrafficPlan(
            size.users, size.history, live_positives=positives, tag=f"s{seed}-{self.begun_ms // 1000:x}-"
        )
        self.seed, self.kept = seed, kept

    async def run(self) -> dict[str, Any]:
        """The whole evening; returns the report."""
        settings, say = self.stage.settings, self.show.say
        say(
            f"Kafka at {settings.broker}; shortened for the demo: the cooldown of a user, to "
            f"{settings.cooldown_ms / 1000:g} s, and the click window, to {settings.attribution_click_s} s"
        )
        seal = settings.seal if settings.collector is not None else None
        browsing = Browsing(settings.collect_port, seal) if seal is not None else None
        sold = sold_in(self.items, self.offers)
        crowd = Crowd(settings, self.items, self.plan, self.seed, browsing, sold)
        trial = DemoTrial(self.offers, crowd, self.begun_ms)
        await set_stage(self.stage, self.items, trial.campaigns, self.kept, say)
        tail = Tail(settings, [spec.name for spec in WATCHED], self._take)
        await tail.start()
        try:
            await crowd.start()
            try:
                async with Gauges(settings) as gauges:
                    return await self._run(crowd, tail, gauges, trial)
            finally:
                await crowd.stop()
        finally:
            await tail.stop()

    async def _run(self, crowd: Crowd, tail: Tail, gauges: Gauges, trial: DemoTrial) -> dict[str, Any]:
        say = self.show.say
        at_ms = unix_ms()
        await crowd.send_consent(at_ms)
        say(f"{self.plan.users} users agreed; sending the last {self.plan.days:g} days of their lives")
        sent = await crowd.send_history(at_ms, self.size.history_per_s, lambda _share: None)
        await self._caught_up(gauges, DRAWN_MEANWHILE)
        say(
            f"{sent:,} events of history taken in; calibrating the detector to {self.size.target:g} false "
            "triggers per 1,000 positives"
        )
        proposed = await propose(self.stage.settings, self.size.target, self.begun_ms)
        await publish_threshold(self.stage.settings, proposed, unix_ms())
        say(
            f"threshold {proposed.calibration.threshold:.2f} (before {proposed.before:.2f}); now they live, "
            f"{self.size.rate:g} events/s"
        )
        with self.show:
            looking = asyncio.create_task(self._look(gauges, tail))
            judging = asyncio.create_task(self._judge(trial))
            try:
                took_s = await crowd.live(
                    self.size.seconds, self.size.rate, lambda _n: self.stage.workers.check()
                )
                await asyncio.sleep(FOUND_WITHIN_S)
            finally:
                await cancelled(looking, judging)
        tail.check()
        last = await self._caught_up(gauges)
        say(
            f"{len(self.tally.pictured)} creatives have pictures of their own, "
            f"{len(self.overview.gallery.newest())} hang on the page: {self.stage.page}; the files are in "
            f"{self.stage.settings.assets_dir}"
        )
        if not_shown := await self.stage.workers.total("shiftcast_not_shown_total"):
            say(
                f"{not_shown} creatives keep their first version: their items are bought for their looks, "
                "have no photo that can be fetched, and nothing draws them; give `images` in the catalogue, "
                "at a host of SHIFTCAST_PHOTO_HOSTS"
            )
        clips = await show_clips(self.stage, self.items, self.overview.gallery, say)
        compiled = await self.stage.workers.total("shiftcast_compiled_after_start")
        held_share = await self._held_share()
        shown = self.overview.gallery.newest()
        page = write_gallery(HOME / "gallery.html", self.stage.settings.assets_dir, shown)
        lift = await trial.look(self.stage.settings)
        by_arm = await ctr_by_arm(self.stage.settings, crowd.world()["arms"])
        more = {"clips": clips, "compiled_after_start": compiled, "lift": lift, "ctr_by_arm": by_arm}
        hung = {"pictures_held_share": held_share, "gallery": page.as_uri()}
        return self._report(crowd, took_s, last) | more | hung

    async def _held_share(self) -> float | None:
        """Of the pictures that were asked for and had, those that the store had already; None: there are
        none."""
        held, drawn = [
            await self.stage.workers.total(f'shiftcast_renders_total{{result="{each}"}}')
            for each in ("held", "drawn")
        ]
        return round(held / (held + drawn), 3) if held + drawn else None

    def _take(self, record: Any) -> None:
        self.tally.take(record, unix_ms())
        self.show.take(self.overview.take(record))

    async def _look(self, gauges: Gauges, tail: Tail) -> None:
        while True:
            tail.check()
            self.show.draw(await gauges.sample(unix_ms()))
            await asyncio.sleep(1.0)

    async def _judge(self, trial: DemoTrial) -> None:
        """Record what the experiment shows, now and then: the page has it."""
        while True:
            await asyncio.sleep(JUDGE_S)
            await trial.look(self.stage.settings)

    async def _caught_up(self, gauges: Gauges, but: frozenset[str] = frozenset()) -> GaugeSample:
        """Waits until no group is behind, but those; after CATCH_UP_S what is left is shown as lag."""
        end = time.monotonic() + CATCH_UP_S
        while True:
            self.stage.workers.check()
            sample = await gauges.sample(unix_ms())
            behind = sum(lag for app, lag in sample.lag.items() if app not in but)
            if time.monotonic() > end or ("profiles" in sample.lag and not behind):
                return sample
            await asyncio.sleep(0.5)

    def _report(self, crowd: Crowd, took_s: float, last: GaugeSample) -> dict[str, Any]:
        first_ms = self.tally.first_model_ms()
        figures = self.tally.report(crowd.truth.positives)
        return {
            "events_per_s": round(crowd.truth.events / took_s, 1),
            "lag": sum(last.lag.values()),
            **figures,
            "dead_letters": self.overview.dead.total(),
            "first_model_creative_s": None
            if first_ms is None
            else round((first_ms - self.begun_ms) / 1000, 1),
            "collected": {} if crowd.browsing is None else dict(crowd.browsing.answers),
            "pool_entries": len(self.kept),
            "users": self.plan.users,
            "seconds": round(took_s, 1),
            "cooldown_ms": self.stage.settings.cooldown_ms,
            "by_reason": dict(self.overview.dead),
            "results": dict(self.overview.results),
            "review": dict(self.overview.review),
        }
