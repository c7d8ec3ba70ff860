"""The log of exposures as commands read it from a real broker: not of users who took measuring back since."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from agents.exposure_log.experiments import known_experiments, publish_experiment
from agents.exposure_log.trials import read_trials
from agents.run_commands import cli
from streams import records as r
from streams.broker.producer import OutputProducer
from streams.settings import Settings
from streams.topics import CONSENT, EXPOSURE, WITHDRAWAL
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from tests.agents.commands.test_evaluate import drawn_log
from tests.faults.cluster import cluster

pytestmark = [pytest.mark.broker]

N = 60
ARMS = ("a", "b")
NOT_YET_MS = 4_000_000_000_000


def shown() -> list[r.Exposure]:
    """One to each user; they fall into the arms of an experiment by turns."""
    return [
        msgspec.structs.replace(each, experiments={"e1": ARMS[n % 2]}) for n, each in enumerate(drawn_log(N))
    ]


async def send(settings: Settings, exposures: list[r.Exposure], since_ms: int) -> None:
    """The log, then: u0 takes measuring back, u2 is erased, u4 allows it again; u6 took it back in
    an event, of which only a lane told."""
    denied = r.Consent("u0", since_ms, explicit=r.Explicit(train=True))
    heard = r.Withdrawal("u6", since_ms, ["measure"])
    again = r.Consent("u4", since_ms, explicit=r.Explicit(measure=True))
    said = [
        *((EXPOSURE, each.user, encode(each)) for each in exposures),
        (CONSENT, "u0", encode(denied)),
        (CONSENT, "u2", None),
        (CONSENT, "u4", encode(again)),
        (WITHDRAWAL, "u6", encode(heard)),
    ]
    producer = OutputProducer(settings)
    await producer.start()
    try:
        await producer.send(
            [
                Output(spec.name, user.encode(), value, headers=headers(spec.ce_type, f"id-{n}", since_ms))
                for n, (spec, user, value) in enumerate(said)
            ]
        )
    finally:
        await producer.stop()


def test_who_took_measuring_back_since_is_in_no_report(tmp_path: Path) -> None:
    exposures = shown()
    until = exposures[-1].ts + 1
    arms = [r.ExperimentArm(name, 0.5) for name in ARMS]
    began = r.ExperimentRecord("e1", "c1", r.Experiment("e1", "salt", arms, 0, NOT_YET_MS), "running", "ana")
    with cluster(tmp_path) as place:
        asyncio.run(send(place.settings, exposures, until))
        env = {"KAFKA_BROKER": place.settings.broker}
        done = CliRunner().invoke(cli, ["evaluate", "--json"], env=env, catch_exceptions=False)
        report = json.loads(done.stdout)
        assert (report["exposures"], report["withdrawn"]) == (N - 3, 3)
        [found] = asyncio.run(read_trials(place.settings, [began], []))
        assert {arm.arm: arm.users for arm in found.report.arms} == {"a": N // 2 - 3, "b": N // 2}
        asyncio.run(publish_experiment(place.settings, began, until))
        done = CliRunner().invoke(cli, ["experiment", "show", "--record"], env=env, catch_exceptions=False)
        assert done.stdout == "1 running experiments looked at: e1\n"
        kept = asyncio.run(known_experiments(place.settings)).named("e1")
        assert kept.result is not None and kept.status == "running"
        assert {arm.arm: arm.users for arm in kept.result.arms} == {"a": N // 2 - 3, "b": N // 2}
