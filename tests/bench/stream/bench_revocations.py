"""What must go, at many live personal creatives in one lane: when the record is out and the look-up obeys,
when the last tombstone has come, and how long a visit of the lane's sweep holds up a worker's
event loop.

`python -m tests.bench.stream.bench_revocations [users]`. A broker, a profile, a generator and a catalogue
worker and an ad server's look-up run on this machine. A third of the creatives goes by a pause, a third by a
denied template, then an item is sold out, one repriced and one deleted, and the switch takes the rest. Then
the workers are killed, their rows are lost, a replay publishes creatives again and a user's interest shifts.
Fails where a record comes later than 15 s after its cause, the look-up obeys it later than 1 s, or anything
comes back.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from models.revocations import Revocation
from streams import records as r
from streams.mapping.revocations import revocation_output
from streams.rows.rows_on_disk import LaneStore, open_rows
from streams.topics import CAMPAIGN, CATALOG, CREATIVE, REVIEW, REVOCATION
from streams.wire.output import Output
from streams.wire.view import MOST_SWEPT
from streams.worker.heap import settle_heap
from tests.agents.catalogue import reference_of
from tests.agents.profiles.memory_lane import NOW_MS, Log, MemoryLane, users_of_lane
from tests.agents.traffic import consent, creative
from tests.bench.measuring import memory_mib
from tests.broker.creatives.revocation_run import Owned, RevocationRun, catalog_item, output, unix_ms
from tests.faults.cluster import campaigns, cluster
from tests.stories.profile_story import SETTINGS

USERS: Final = 100_000
AT_ONCE: Final = 500
RECORD_S: Final = 15.0
OBEYED_S: Final = 1.0


async def on_a_broker(run: RevocationRun) -> dict[str, Any]:
    """Seconds of each cause."""

    def by(*outputs: Output) -> Callable[[], Awaitable[None]]:
        return lambda: run.place.send(outputs)

    async def switched() -> None:
        said = Revocation("switch", "*", "switched", unix_ms(), mode="defaults_only")
        await run.place.send([revocation_output(said, said.since_ms)])

    began = time.monotonic()
    await run.start()
    of_lookup = run.lookup.bytes
    print(f"{run.count:,} live creatives after {time.monotonic() - began:.0f} s", flush=True)
    paused = msgspec.structs.replace(campaigns()[0], status="paused")
    sold_out = output(CATALOG, "i8", catalog_item(8, availability="out_of_stock"))
    repriced, deleted = output(CATALOG, "i10", catalog_item(10, price=29.99)), output(CATALOG, "i14", None)
    found: dict[str, Any] = {"live_after_s": round(time.monotonic() - began)}
    for name, key, cause, touched in (
        ("paused", "campaign|c0", by(output(CAMPAIGN, "c0", paused)), lambda e: e.campaign_id == "c0"),
        (
            "denied",
            "template|t2",
            by(output(REVIEW, "t2", r.Review("t2", 4))),
            lambda e: e.template_id == "t2",
        ),
        ("sold_out", "item|i8", by(sold_out), lambda e: e.item_id == "i8"),
        ("repriced", "item|i10", by(repriced), lambda e: e.item_id == "i10"),
        ("deleted", "item|i14", by(deleted), lambda e: e.item_id == "i14"),
        ("defaults_only", "switch|*", switched, lambda _: True),
    ):
        keys: list[Owned] = [each for each in run.live() if touched(each)]
        gone = await run.revoked_by(cause, key, keys)
        found[name] = {
            "keys": len(keys),
            "record_s": round(gone.record_s, 2),
            "obeyed_s": round(gone.obeyed_s, 2),
            "all_gone_s": round(gone.all_gone_s, 1),
        }
        print(f"{name:14} {found[name]}", flush=True)
        assert gone.record_s <= RECORD_S and gone.obeyed_s <= OBEYED_S, (name, gone)
    found["memory"] = run_memory(run) | {"look_up_bytes_per_key": round(of_lookup / run.count)}
    found["restart_s"] = round(await run.start_with_nothing(), 1)
    began = time.monotonic()
    revoked = (each for each in run.owned if each.campaign_id == "c0" or each.template_id == "t2")
    await run.nothing_comes_back(revoked, {"c1", "c2"})
    found["nothing_came_back_s"] = round(time.monotonic() - began, 1)
    return found


def run_memory(run: RevocationRun) -> dict[str, int]:
    """Peak MiB of each worker."""
    return {name: round(memory_mib(worker.pid, "VmHWM")) for name, worker in run.workers.items()}


class DiskRows:
    """Rows in RocksDB for a lane whose flushes set them one by one."""

    def __init__(self, folder: Path) -> None:
        self._rows, self._offset = LaneStore(open_rows(folder)), -1
        self.get_many, self.scan = self._rows.get_many, self._rows.scan

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._write(key, value)

    def pop(self, key: bytes, _default: None) -> None:
        self._write(key, None)

    def _write(self, key: bytes, value: bytes | None) -> None:
        self._offset += 1
        self._rows.write([(key, value)], self._offset)


def visits(users: int, folder: Path) -> dict[str, Any]:
    """The same lane in this process: how long the visits of a round take, in CPU time of their thread."""
    reference = reference_of(SETTINGS)
    lane, log = MemoryLane(reference, SETTINGS, DiskRows(folder)), Log()  # type: ignore[arg-type]
    names = users_of_lane(users)
    for start in range(0, users, AT_ONCE):
        some = names[start : start + AT_ONCE]
        lane.apply([consent(log, name) for name in some])
        lane.apply([creative(log, name, f"cr_{start + n:016x}") for n, name in enumerate(some)])
        lane.flush()
        log.records.clear()
        lane.outputs.clear()
    said = r.Revocation("template", "t1", "denied", NOW_MS, lasting=True)
    reference.on_record(REVOCATION, "template|t1", said, (), NOW_MS)
    took, more = [], lane.sweep(NOW_MS)
    settle_heap()  # as a worker does before its first batch
    while more:
        if lane.arena.room() < MOST_SWEPT:
            lane.flush()
        began_s = time.thread_time()
        more = lane.sweep(NOW_MS)
        took.append((time.thread_time() - began_s) * 1000)
    gone = len(lane.sent(CREATIVE.name))
    return {
        "visits": len(took),
        "tombstones": gone,
        "longest_visit_ms": round(max(took), 1),
        "visits_cpu_s": round(sum(took) / 1000, 1),
        "us_per_tombstone": round(1000 * sum(took) / gone, 1),
    }


def main(users: int = USERS) -> None:
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder), partitions=1) as place:

        async def story() -> dict[str, Any]:
            run = RevocationRun(place, users)
            try:
                return await on_a_broker(run)
            finally:
                await run.stop()

        result = {"users": users, **asyncio.run(story())}
    with tempfile.TemporaryDirectory() as folder:
        result |= {"sweep": visits(min(users, USERS), Path(folder) / "rows")}
    print(result["sweep"])
    print(json.dumps(result))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
