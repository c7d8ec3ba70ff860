"""The worker groups: is anyone there, does anything wait, does it move? Seen from the broker, so that a
worker that is dead or stuck cannot keep it to itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.checks.finding import CheckFinding
from agents.overview.gauges import Gauges
from agents.worker_modules import WORKER_MODULES
from streams import topics
from streams.broker.clients import reader_options
from streams.broker.following.places import partitions_of
from streams.settings import Settings
from streams.worker.faust_options import COMMIT_S

STARTS: Final = {app: f"faust -A {module} worker -l info" for app, module in WORKER_MODULES.items()}
"""What starts a worker of each group."""
READ_S: Final = 3.0
SLOW_S: Final = 10.0
"""A group that needs longer than this for what waits, and more and more of it, falls behind."""

Positions = Mapping[TopicPartition, tuple[int, int]]
"""Where a group will read next, and where the partition ends."""


@dataclass(frozen=True)
class GroupFacts:
    """What two looks, `seconds` apart, say of one group."""

    app: str
    group: str
    members: int
    committed: bool  # ever
    waits: int = 0  # records behind at the second look
    grown: int = 0  # more than at the first
    moved: int = 0  # committed between the looks
    stuck: int = 0  # partitions in which records waited all the while and none was committed
    seconds: float = 1.0
    wrote_s: float | None = None  # s since it last wrote anything

    def finding(self) -> CheckFinding:
        """What to say of it and what to type."""
        who = _counted(self.members, "worker")
        if self.members == 0:
            return self._nobody()
        if self.stuck:
            text = (
                f"{who}, and in {_counted(self.stuck, 'partition')} records wait of which none was committed "
                f"in {self.seconds:.0f} s: it restores its rows, or is stuck"
            )
            return CheckFinding(
                "error", self.group, text, "ask its /ready and /health; read the end of its log"
            )
        if self.waits > self.grown > 0 and self.waits > SLOW_S * self.moved / self.seconds:
            more = f"{self.grown} more after {self.seconds:.0f} s"
            text = f"{who}, falls behind: {self.waits} records wait, {more}"
            return CheckFinding("warning", self.group, text, f"start one more worker: {STARTS[self.app]}")
        return CheckFinding("ok", self.group, f"{who}, {self.waits} behind")

    def _nobody(self) -> CheckFinding:
        repair = STARTS[self.app]
        if not self.committed:
            return CheckFinding("warning", self.group, "no worker, and none ever committed anything", repair)
        last = "" if self.wrote_s is None else f"; it last wrote {self.wrote_s:.0f} s ago"
        if self.stuck:
            return CheckFinding(
                "error", self.group, f"no worker, and {self.waits} records wait{last}", repair
            )
        return CheckFinding("warning", self.group, f"no worker; nothing waits{last}", repair)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


async def group_findings(settings: Settings) -> list[CheckFinding]:
    """One finding for each worker group."""
    apps = [app for app in STARTS if app != "renderer" or settings.assets_url is not None]
    async with Gauges(settings) as gauges:
        first, begun = {app: await gauges.positions(app) or {} for app in apps}, time.monotonic()
        if any(unmoved(each, each) for each in first.values()):
            await asyncio.sleep(settings.flush_interval_s + 3 * COMMIT_S)
        second = {app: await gauges.positions(app) or {} for app in apps}
        members, seconds = await gauges.members(), time.monotonic() - begun
    found = []
    for app in apps:
        stuck = await _first_records(settings, unmoved(first[app], second[app]))
        facts = compared_looks(GroupFacts(app, settings.app_id(app), members.get(app, 0), bool(second[app])),
                         first[app], second[app])  # fmt: skip
        wrote_s = await _wrote_s(settings, app) if facts.members == 0 and facts.committed else None
        found.append(replace(facts, stuck=len(stuck), seconds=seconds, wrote_s=wrote_s).finding())
    return found


def unmoved(first: Positions, second: Positions) -> dict[TopicPartition, int]:
    """Partitions in which something lay ahead at the first look and nothing was committed since, and where
    their group would go on."""
    return {
        tp: at for tp, (at, end) in first.items() if at < end and second.get(tp, (at, end))[0] == at
    }  # fmt: skip


def compared_looks(facts: GroupFacts, first: Positions, second: Positions) -> GroupFacts:
    """The facts with what changed between two looks."""
    behind = [sum(max(0, end - at) for at, end in each.values()) for each in (first, second)]
    moved = sum(max(0, at - first.get(tp, (at, 0))[0]) for tp, (at, _end) in second.items())
    return replace(facts, waits=behind[1], grown=behind[1] - behind[0], moved=moved)


async def _wrote_s(settings: Settings, app: str) -> float | None:
    """s since the newest record that the app's workers wrote; None when none is kept."""
    name = {
        "profiles": topics.changelog(settings.app_prefix).name,
        "generator": topics.GENERATION.name,
        "catalog": topics.ARTIFACT.name,
        "feedback": topics.changelog(settings.app_prefix, "feedback").name,
    }.get(app)
    if name is None:  # it writes beside others
        return None
    consumer = AIOKafkaConsumer(**reader_options(settings))
    await consumer.start()
    try:
        ends = await consumer.end_offsets(await partitions_of(settings, [name]))
    finally:
        await consumer.stop()
    newest_ms = await _first_records(settings, {tp: end - 1 for tp, end in ends.items() if end})
    return max(0.0, time.time() - max(newest_ms) / 1000) if newest_ms else None


async def _first_records(settings: Settings, places: Mapping[TopicPartition, int]) -> list[int]:
    """Append times in ms of the first record at or after each of `places` that has one; waits READ_S at most:
    the marker of a transaction is an offset, and no record."""
    if not places:
        return []
    consumer, found = AIOKafkaConsumer(**reader_options(settings)), dict[TopicPartition, int]()
    await consumer.start()
    try:
        consumer.assign(list(places))
        for tp, at in places.items():
            consumer.seek(tp, at)
        end = time.monotonic() + READ_S
        while len(found) < len(places) and (left := end - time.monotonic()) > 0:
            for tp, records in (await consumer.getmany(timeout_ms=int(left * 1000))).items():
                found.setdefault(tp, records[0].timestamp)
                consumer.pause(tp)
        return list(found.values())
    finally:
        await consumer.stop()
