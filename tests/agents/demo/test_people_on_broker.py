"""The commands for people against a real broker of their own: simulate, calibrate, replay, show-user, watch,
check, the page, the demo."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.order_log import COLUMNS
from streams.broker.admin import create
from streams.local_broker.server import Broker
from streams.settings import Settings
from tests.workers import Worker

pytestmark = pytest.mark.broker
DATA = Path(__file__).parents[3] / "deploy/demo"
ORDERS = [
    f"{500 + n // 4},ITEM{n % 9},RED MUG,{-1 if n % 10 == 0 else 3},2011-01-0{1 + n // 60} "
    f"10:00:00,1.{n % 90:02d}," + ("" if n % 3 == 0 else f"{17000 + n % 7}.0") + ",France"
    for n in range(180)
]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Environment of a broker that nobody else writes to, with topics and the demo's catalogue."""
    broker = Broker(tmp_path_factory.mktemp("people"))
    address = broker.start().address
    assert address is not None
    environ = {**os.environ, "KAFKA_BROKER": address, "SHIFTCAST_COPYWRITER": "stub:2"}
    try:
        asyncio.run(create(Settings(broker=address)))
        assert told(environ, "index", "--load", str(DATA / "catalog.jsonl"), "--json")["items"] > 600
        yield environ
    finally:
        broker.stop()
        broker.wipe()


def run(environ: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agents.run_commands", *args]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=110, check=False)


def told(environ: dict[str, str], *args: str) -> Any:
    """The JSON that a command printed last."""
    done = run(environ, *args)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def lived(
    own: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A simulated crowd: the command's report and its truth."""
    truth = tmp_path_factory.mktemp("truth") / "truth.jsonl"
    options = [
        "--users",
        "40",
        "--rate",
        "150",
        "--seconds",
        "4",
        "--shifts",
        "0.5",
        "--truth",
        str(truth),
        "--json",
    ]
    return told(own, "simulate", *options), [json.loads(line) for line in truth.read_text().splitlines()]


def test_simulate_keeps_the_truth(lived: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    report, truth = lived
    live = [line for line in truth if line["live"]]
    assert (
        report["live_positives"] == len(live) and report["shifts"] == sum(line["shift"] for line in live) > 0
    )
    assert not any(line["shift"] for line in truth if not line["live"])
    assert max(line["ts"] for line in truth if not line["live"]) < min(line["ts"] for line in live)


def test_calibrate_publishes_what_it_found(
    own: dict[str, str], lived: tuple[dict[str, Any], list[dict[str, Any]]]
) -> None:
    found = told(own, "calibrate", "--target", "5", "--publish", "--json")
    assert found["users"] == 40 and found["positives"] >= 1_000 and found["false_per_1000"] <= 5
    assert told(own, "index", "--status", "--json")["threshold"] == pytest.approx(
        found["threshold"], abs=1e-3
    )


def test_profiles_learn_and_show_user_tells(
    own: dict[str, str], lived: tuple[dict[str, Any], list[dict[str, Any]]], tmp_path: Path
) -> None:
    worker = Worker("agents.update_profiles", own, tmp_path / "profiles").start().wait_ready(90)
    try:
        while told(own, "watch", "--seconds", "0.5", "--json")["lag"].get("profiles") != 0:
            assert worker.process is not None and worker.process.poll() is None, worker.said()[-2000:]
        log = tmp_path / "2011-01.csv"
        log.write_text("\n".join((",".join(COLUMNS), *ORDERS)))
        audited = told(own, "replay", "--data", str(log), "--verify", "--patience", "60", "--json")
        assert (
            audited["exact"]
            and audited["lines"] == audited["conversions"] == len(ORDERS)
            and audited["guest_lines"] == 60
        )
        seen = told(own, "watch", "--seconds", "2", "--json")
        assert seen["lag"]["profiles"] >= 0 and "cards" not in seen
    finally:
        worker.terminate()
    user = lived[1][0]["user"]
    kept = told(own, "show-user", user, "--json")
    assert (
        kept["consent"]["profile"] and kept["profile"]["counts"]["pos"] > 10 and kept["profile"]["interests"]
    )
    nobody = run(own, "show-user", "nobody")
    assert nobody.returncode == 1 and "nothing is kept of nobody" in nobody.stderr


def test_check_finds_a_topic_that_is_not_as_declared(own: dict[str, str]) -> None:
    done = run({**own, "SHIFTCAST_PARTITIONS": "6"}, "check", "--json")
    findings = json.loads(done.stdout)["findings"]
    [wrong] = [each for each in findings if each["subject"] == "sources"]
    assert done.returncode == 1 and "ads.click.v1 has 4" in wrong["text"]
    assert wrong["repair"] == "export SHIFTCAST_PARTITIONS=4"


def test_the_page_process_answers_and_ends_at_ctrl_c(own: dict[str, str]) -> None:
    command = [sys.executable, "-m", "agents.run_commands", "page", "--port", "0", "--json"]
    with subprocess.Popen(
        command, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as page:
        assert page.stdout is not None
        link = json.loads(page.stdout.readline())["page"]
        address, _, token = link.partition("/#")
        with urllib.request.urlopen(f"{address}/api/state") as answer:
            assert "cards" in json.load(answer)
        assert len(token) >= 24
        page.send_signal(signal.SIGINT)
        assert page.wait(20) in {0, 130}


def alive() -> dict[int, int]:
    """Processes of this machine that are no zombies: pid -> parent."""
    shown = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in shown.splitlines()]
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def descendants(root: int) -> set[int]:
    found, parents = {root}, alive()
    for _ in range(4):
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found - {root}


def test_an_interrupted_demo_leaves_no_process_behind(tmp_path: Path) -> None:
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("KAFKA_", "SHIFTCAST_"))
    }
    command = [sys.executable, "-m", "agents.run_commands", "demo", "--short"]
    log = tmp_path / "log"
    with log.open("wb") as out:
        demo = subprocess.Popen(
            command, env=environ, cwd=tmp_path, stdout=out, stderr=out, start_new_session=True
        )
    deadline = time.monotonic() + 90
    while b"starting the workers" not in log.read_bytes() and time.monotonic() < deadline:
        time.sleep(0.2)
    while len(children := descendants(demo.pid)) < 5:
        assert time.monotonic() < deadline, log.read_text()[-2000:]
        time.sleep(0.2)
    demo.send_signal(signal.SIGTERM)
    assert demo.wait(60) == 130
    assert not children & alive().keys()
    assert (
        not (tmp_path / ".shiftcast/demo/state").exists()
        and not (tmp_path / ".shiftcast/demo/broker").exists()
    )
