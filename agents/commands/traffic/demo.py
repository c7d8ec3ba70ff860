"""`shiftcast demo`: the whole loop on this machine. A broker, the workers, simulated users whose interests
shift, creatives, the score."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from agents.calibration.threshold import propose, publish_threshold
from agents.commands.options import echo_json, json_option
from agents.demo.browsing import Browsing
from agents.demo.crowd import Crowd, now_ms
from agents.demo.earned import arm_lines, ctr_by_arm
from agents.demo.score import DemoTally
from agents.demo.show import Show, figures_table, lift_line
from agents.demo.stage import Stage, raise_stage, set_stage
from agents.demo.trial import DemoTrial
from agents.overview.gauges import Gauges, GaugeSample
from agents.overview.screen import Screen
from agents.overview.state import WATCHED, Overview
from agents.overview.tail import Tail
from models.world.traffic import EVENTS_PER_VISIT, TrafficPlan
from streams.loud_end import stop_signals
from streams.records import Campaign, CatalogItem, CopyEntry
from streams.settings import Settings
from streams.tasks.cancelled import cancelled
from streams.wire.record_files import read_lines

_DATA: Final = Path(__file__).parents[2] / "deploy/demo"
FOUND_WITHIN_S: Final = 3.0
"""After the last event: time for the last creatives to arrive before the score is taken."""
CATCH_UP_S: Final = 60.0
JUDGE_S: Final = 15.0
"""Between two looks at the experiment."""


@dataclass(frozen=True)
class Size:
    """How many live how fast; positives per user = rate * seconds / events per visit / users, enough to judge
    a shift by 20 of them."""

    users: int
    rate: float
    seconds: float
    history_per_s: float = 400.0
    history: int = 32
    target: float = 3.0


NORMAL: Final = Size(users=280, rate=250.0, seconds=90.0)
_SHORT: Final = Size(users=90, rate=250.0, seconds=30.0)


@click.command()
@click.option(
    "--seconds", type=click.FloatRange(5), help="Live traffic for so long; default 90, with --short 30."
)
@click.option("--short", is_flag=True, help="Fewer users, a third of the time: a look, not a measurement.")
@click.option(
    "--target",
    type=click.FloatRange(0.1),
    default=NORMAL.target,
    show_default=True,
    help="False triggers per 1,000 positives to calibrate for.",
)
@click.option(
    "--catalog",
    type=click.Path(exists=True, path_type=Path),
    default=_DATA / "catalog.jsonl",
    help="JSON lines of ads.catalog.v1.",
)
@click.option(
    "--campaigns",
    type=click.Path(exists=True, path_type=Path),
    default=_DATA / "campaigns.jsonl",
    help="JSON lines of ads.campaign.v1.",
)
@click.option(
    "--pool",
    type=click.Path(path_type=Path),
    default=_DATA / "copy.jsonl.gz",
    help="JSON lines of ads.copy.v1: copy that `shiftcast copy fill --out` wrote ahead.",
)
@click.option("--empty-pool", is_flag=True, help="Begin without copy written ahead.")
@click.option("--collect", is_flag=True, help="Users tell what they see and click by trackers, over HTTP.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same wishes.")
@json_option("Print the JSON line alone.")
def command(
    seconds: float | None,
    short: bool,
    target: float,
    catalog: Path,
    campaigns: Path,
    pool: Path,
    empty_pool: bool,
    collect: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Start everything, live for 90 seconds, show interests shifting and creatives appearing, and print the
    score.

    Leaves no process behind. The last line of the output is one JSON object.
    """
    begun = time.monotonic()
    base = _SHORT if short else NORMAL
    lasting = seconds or base.seconds
    size = Size(max(20, round(base.users * lasting / base.seconds)), base.rate, lasting, target=target)
    items, offers = read_lines(catalog, CatalogItem), read_lines(campaigns, Campaign)
    kept = [] if empty_pool else fitting_entries(read_lines(pool, CopyEntry), items, offers)
    overview = Overview(secrets.token_bytes(16))
    show = Show(Console(), Screen(overview), lambda: time.monotonic() - begun, quiet=as_json)
    # Topics that were just made have no leader for a moment: the client retries and would say so each time.
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    asked = stop_signals()
    for number in asked:  # a shell starts background jobs with SIGINT ignored
        signal.signal(number, signal.default_int_handler)
    stage = raise_stage(Settings.from_environ(os.environ), show.say, collect)
    try:
        report = asyncio.run(
            _until_told(asked, Demo(stage, show, overview, items, offers, kept, size, seed, begun).run())
        )
    except asyncio.CancelledError as told:
        raise click.Abort from told
    finally:
        for number in asked:
            signal.signal(number, signal.SIG_IGN)
        stage.down()
    if not as_json:
        show.console.print(figures_table(report))
        show.console.print(lift_line(report["lift"]), highlight=False)
        for line in arm_lines(report["ctr_by_arm"]):
            show.console.print(line, highlight=False, markup=False)
    echo_json(report)


def fitting_entries(
    entries: Sequence[CopyEntry], items: Sequence[CatalogItem], offers: Sequence[Campaign]
) -> list[CopyEntry]:
    """Copy about what this demo shows: another catalogue has its own written as it goes."""
    known = {each.item_id for each in items}
    running = {each.campaign_id for each in offers}
    return [each for each in entries if each.item_id in known and each.campaign_id in running]


async def _until_told(
    asked: Sequence[signal.Signals], work: Coroutine[Any, Any, dict[str, Any]]
) -> dict[str, Any]:
    """Runs `work`; each of the signals cancels it in order, as asyncio itself does for Ctrl-C."""
    task = asyncio.current_task()
    assert task is not None, "runs in a task of asyncio.run"
    for number in {*asked} - {signal.SIGINT}:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await work


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
        size: Size,
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
        self.begun, self.begun_ms = begun, now_ms() - round((time.monotonic() - begun) * 1000)
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
        crowd = Crowd(settings, self.items, self.plan, self.seed, browsing)
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
        at_ms = now_ms()
        await crowd.send_consent(at_ms)
        say(f"{self.plan.users} users agreed; sending the last {self.plan.days:g} days of their lives")
        sent = await crowd.send_history(at_ms, self.size.history_per_s, lambda _share: None)
        await self._caught_up(gauges)
        say(
            f"{sent:,} events of history taken in; calibrating the detector to {self.size.target:g} false "
            "triggers per 1,000 positives"
        )
        proposed = await propose(self.stage.settings, self.size.target, self.begun_ms)
        await publish_threshold(self.stage.settings, proposed, now_ms())
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
            f"{len(self.tally.pictured)} creatives came again with pictures of their own, "
            f"{len(self.overview.gallery.public())} hang on the page: {self.stage.page}; the files are in "
            f"{self.stage.settings.assets_dir}, `shiftcast assets serve` shows them"
        )
        compiled = await self.stage.workers.total("shiftcast_compiled_after_start")
        lift = await trial.look(self.stage.settings)
        by_arm = await ctr_by_arm(self.stage.settings, crowd.world()["arms"])
        more = {"compiled_after_start": compiled, "lift": lift, "ctr_by_arm": by_arm}
        return self._report(crowd, took_s, last) | more

    def _take(self, record: Any) -> None:
        self.tally.take(record, now_ms())
        self.show.take(self.overview.take(record))

    async def _look(self, gauges: Gauges, tail: Tail) -> None:
        while True:
            tail.check()
            self.show.draw(await gauges.sample(now_ms()))
            await asyncio.sleep(1.0)

    async def _judge(self, trial: DemoTrial) -> None:
        """Record what the experiment shows, now and then: the page has it."""
        while True:
            await asyncio.sleep(JUDGE_S)
            await trial.look(self.stage.settings)

    async def _caught_up(self, gauges: Gauges) -> GaugeSample:
        """Waits until no group is behind; after CATCH_UP_S what is left is shown as lag."""
        end = time.monotonic() + CATCH_UP_S
        while True:
            self.stage.workers.check()
            sample = await gauges.sample(now_ms())
            if time.monotonic() > end or ("profiles" in sample.lag and not sum(sample.lag.values())):
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
