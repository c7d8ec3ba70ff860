"""`make bench-latency`: W3, from an event to the creative it causes, on a real broker with real workers.

Open loop: events are sent at the times of a Poisson process whatever comes back, by users who have a past and
whose interests shift; the real detector fires. The clock of a creative runs from the INTENDED send time of
the event named in its `cause` to its arrival at a consumer, so that a driver or a worker that falls behind
cannot hide it. First the floor: a plain consumer that answers each event at once, at the same rate
(tests/bench/stream/floor.py). Then three runs: the rate of W3 with a stub that takes 5 ms, twice the rate
with a generator of half the capacity it would need, and the rate of W3 with the real ONNX model.

What overload must look like (agents/generate_creatives.py): the newest request of a user wins, what the model
cannot finish in time has its template at the deadline, each request has one ending, and no profile update is
lost. The process exits with 1 when that does not hold.

`--pictures PAIRS` measures instead what pictures cost the copy: the first run without and with them, in turns
(tests/bench/stream/pictures_pairs.py).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.demo.stage import send as send_records
from models.world.traffic import EVENTS_PER_VISIT
from streams import records as r
from streams import topics
from streams.broker.admin import create
from streams.local_broker.server import Broker
from streams.settings import Settings
from streams.wire.record_files import read_lines
from tests.bench.measuring import cpu_s
from tests.bench.stream import pictures_pairs
from tests.bench.stream.floor import floor_ms
from tests.bench.stream.shown import show
from tests.bench.stream.w3 import (
    STAGES,
    Arrival,
    Arrivals,
    Sent,
    Users,
    caught_up,
    lost_updates,
    now_ms,
    send_all,
    send_open_loop,
)
from tests.workers import ROOT, Worker

RATE = 1_000.0
STUB_MS = 5
HISTORY_PER_S = 4_000.0
POSITIVES = 18
"""Live positives per user: the shift falls on one of the first six, the rest is time to notice it."""
FLOOR_USERS = 120
FLOOR_EVENTS = 12_000
DEMO = ROOT / "deploy" / "demo"


@dataclass(frozen=True)
class Phase:
    """One run: how many users shift, at which rate, and how the generator writes."""

    name: str
    users: int
    per_s: float
    copywriter: str
    batch: int = 16


async def measure(
    settings: Settings, phase: Phase, seed: int, arrivals: Arrivals, pids: Mapping[str, int]
) -> tuple[dict[str, Any], Users]:
    """Send the past, wait until it is answered, then live; what came of the shifts."""
    catalog = read_lines(DEMO / "catalog.jsonl", r.CatalogItem)
    users = Users(catalog, phase.users, POSITIVES, seed)
    at_ms = int(now_ms())
    await send_all(settings, users.consents(at_ms), HISTORY_PER_S)
    await send_all(settings, users.past(at_ms), HISTORY_PER_S)
    dues = users.life(int(phase.users * POSITIVES * EVENTS_PER_VISIT), phase.per_s)
    await _settled(settings, arrivals)
    before, ended = len(arrivals.creatives), len(arrivals.endings)
    cpu = {name: cpu_s(pid) for name, pid in pids.items()}
    sent = await asyncio.to_thread(send_open_loop, settings, dues)
    cpu = {name: cpu_s(pid) - cpu[name] for name, pid in pids.items()}
    await _settled(settings, arrivals)
    fresh = arrivals.creatives[before:]
    shifts = _caused_by(sent, fresh)
    waits = [
        each.at_ms - sent.intended_ms[each.creative.cause.id]
        for each in shifts
        if each.creative.cause is not None
    ]
    endings = {each.request_id: each for each in arrivals.endings[ended:]}
    statuses = Counter(each.status for each in endings.values())
    past = {each.request_id for each in arrivals.endings[:ended]}
    seconds = dues[-1].after_ms / 1_000
    row: dict[str, Any] = {
        "load average": os.getloadavg()[0],
        "events": len(dues),
        "events_per_s": len(dues) / seconds,
        "creatives": len(waits),
        "duplicates": len(fresh) - len(shifts),
    }
    row |= {
        f"p{p:g}_ms": float(np.percentile(waits, p)) if waits else float("nan") for p in (50, 95, 99, 99.9)
    }
    row |= {f"{name}_cpu_share": used / seconds for name, used in cpu.items()}
    row |= {
        "driver_late_p99_ms": float(np.percentile(sent.late_ms, 99)),
        "requests_per_s": statuses.total() / seconds,
    }
    row["requests_without_ending"] = len(arrivals.asked_ms.keys() - endings.keys() - past)
    row["late_beyond_deadline_ms"] = (
        max((each.total_ms for each in endings.values()), default=0.0) - settings.generation_deadline_ms
    )
    row |= {status: statuses[status] for status in ("model", "template", "reused", "superseded", "no_match")}
    return row | _stages(sent, shifts, arrivals, endings), users


def _caused_by(sent: Sent, fresh: list[Arrival]) -> list[Arrival]:
    """The first arrival of each creative that one of the sent events caused."""
    first = {each.creative.creative_id: each for each in reversed(fresh)}
    return [
        each
        for each in first.values()
        if each.creative.cause is not None and each.creative.cause.id in sent.intended_ms
    ]


def _stages(
    sent: Sent, shifts: list[Arrival], arrivals: Arrivals, endings: Mapping[str, r.GenerationResult]
) -> dict[str, str]:
    """p50 / p95 / p99 of each stage in ms."""
    answered = [(each, each.creative.request_id or "") for each in shifts]
    spans = [
        sent.stages(each, arrivals.asked_ms[asked], endings[asked])
        for each, asked in answered
        if asked in endings
    ]
    return {
        f"  {name} p50/95/99": " / ".join(
            f"{np.percentile([span[name] for span in spans], p):.1f}" for p in (50, 95, 99)
        )
        if spans
        else ""
        for name in STAGES
    }


async def _settled(settings: Settings, arrivals: Arrivals) -> None:
    """Until every event is applied, every request answered, and the answers have come back."""
    await caught_up(settings, settings.app_id("profiles"), topics.USER_TOPICS)
    await caught_up(settings, settings.app_id("generator"), [topics.REQUEST])
    await arrivals.quiet()


async def furnish(settings: Settings) -> None:
    """Topics, the demo's catalogue and campaigns, an artefact."""
    await create(settings)
    await send_records(settings, topics.CAMPAIGN, read_lines(DEMO / "campaigns.jsonl", r.Campaign))
    index = [
        sys.executable,
        "-m",
        "agents.run_commands",
        "index",
        "--load",
        str(DEMO / "catalog.jsonl"),
        "--refit",
        "--json",
    ]
    await asyncio.to_thread(
        subprocess.run,
        index,
        env={**os.environ, "KAFKA_BROKER": settings.broker},
        cwd=ROOT,
        check=True,
        capture_output=True,
    )


async def bench(settings: Settings, folder: Path, phases: list[Phase]) -> dict[str, Any]:
    """All phases on one broker and one profile worker; a generator of its own per phase."""
    env = {"KAFKA_BROKER": settings.broker, "SHIFTCAST_INSTANCE_ID": "bench"}
    await furnish(settings)
    floor = await measure_floor(settings)
    profiles = Worker("agents.update_profiles", env, folder / "profiles").start()
    arrivals = Arrivals()
    stop = threading.Event()
    watching = asyncio.create_task(asyncio.to_thread(arrivals.watch, settings, stop))
    rows: dict[str, Any] = {}
    sent: Counter[tuple[str, str]] = Counter()
    generator = renderer = None
    try:
        await asyncio.to_thread(profiles.wait_ready)
        for seed, phase in enumerate(phases, start=1):
            knobs = {"SHIFTCAST_COPYWRITER": phase.copywriter, "SHIFTCAST_GENERATION_BATCH": str(phase.batch)}
            if pictures_pairs.is_pictured(phase.name):
                knobs |= pictures_pairs.knobs(folder)
                renderer = pictures_pairs.renderer(env, folder)
                await asyncio.to_thread(renderer.wait_ready)
            generator = Worker("agents.generate_creatives", env | knobs, folder / f"generator{seed}").start()
            await asyncio.to_thread(generator.wait_ready)
            pids = {"profiles": profiles.pid, "generator": generator.pid}
            rows[phase.name], users = await measure(settings, phase, seed, arrivals, pids)
            sent += users.sent
            assert await asyncio.to_thread(generator.terminate) == 0, generator.said()[-3000:]
            if renderer is not None:
                renderer.kill()  # what it has not drawn stays, as behind any burst
                renderer = None
        assert await asyncio.to_thread(profiles.terminate) == 0, profiles.said()[-3000:]
        missing, extra = lost_updates(profiles.data_dir, settings.partitions, sent)
        return {"floor": floor, "phases": rows, "missing_updates": missing, "extra_updates": extra}
    finally:
        stop.set()
        await watching
        for worker in (profiles, generator, renderer):
            if worker is not None:
                worker.kill()


async def measure_floor(settings: Settings) -> dict[str, float]:
    """What a plain consumer in the place of the workers would take, with events of the same users."""
    users = Users(read_lines(DEMO / "catalog.jsonl", r.CatalogItem), FLOOR_USERS, POSITIVES, seed=0)
    return await floor_ms(settings, users.life(FLOOR_EVENTS, RATE))


def phases_in_turns(users: int, pairs: int) -> list[Phase]:
    """The first run, without pictures and with them."""
    return [Phase(name, users, RATE, f"stub:{STUB_MS}") for name in pictures_pairs.names(pairs)]


def phases_of(short: bool, users: int) -> list[Phase]:
    """The three runs. About 1 % of events ask for a creative, so 20/s at twice the rate; the slow stub writes
    10/s."""
    slow_ms = 200
    few = max(120, users // 5)
    return [
        Phase("1,000/s, 5 ms stub", users, RATE, f"stub:{STUB_MS}"),
        Phase("2x overload", few if short else users // 2, 2 * RATE, f"stub:{slow_ms}", batch=2),
        Phase("1,000/s, ONNX model", few if short else users // 2, RATE, "model"),
    ]


def main() -> None:
    """Run and print; the last line of standard output is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help="300 users instead of 2,800: no thousand creatives"
    )
    parser.add_argument("--users", type=int, help="users who shift in the first run")
    parser.add_argument("--pictures", type=int, metavar="PAIRS", help="runs without pictures and with them")
    arguments = parser.parse_args()
    users = arguments.users or (300 if arguments.short else 2_800)
    pairs = arguments.pictures
    phases = phases_in_turns(users, pairs) if pairs else phases_of(arguments.short, users)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        named = os.environ.get("KAFKA_BROKER")
        broker = None if named else Broker(folder / "broker")
        address = named or (broker.start().address if broker else None)
        assert address is not None
        try:
            result = asyncio.run(bench(Settings(broker=address), folder, phases))
        finally:
            if broker is not None:
                broker.stop()
    show(result)
    exact = not result["missing_updates"] and not result["extra_updates"]
    if pairs:
        told = pictures_pairs.pictures_over_plain(result["phases"])
        print(json.dumps({"pictures_over_plain": told, "missing_updates": result["missing_updates"]}))
        sys.exit(0 if exact else 1)
    first, overload, model = result["phases"].values()
    summary = {f"p{p}_ms": round(first[f"p{p}_ms"], 1) if exact else None for p in (50, 95, 99)}
    summary |= {"floor_p95_ms": round(result["floor"]["p95_ms"], 1)}
    summary |= {"creatives": first["creatives"], "events_per_s": round(first["events_per_s"])}
    summary |= {
        "overload_p95_ms": round(overload["p95_ms"], 1),
        "overload_template": overload["template"],
        "overload_model": overload["model"],
    }
    summary |= {f"model_p{p}_ms": round(model[f"p{p}_ms"], 1) for p in (50, 95, 99)}
    summary |= {"missing_updates": result["missing_updates"], "extra_updates": result["extra_updates"]}
    print(json.dumps(summary))
    if (
        not exact
        or any(row["requests_without_ending"] for row in result["phases"].values())
        or not overload["template"]
    ):
        sys.exit(1)


if __name__ == "__main__":
    main()
