"""The demo's score and its workers: figures from triggers and creatives, processes that end whatever they
do."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from msgspec import structs

from agents.demo import workers as workers_module
from agents.demo.score import DemoTally
from agents.demo.show import checked_targets
from agents.demo.workers import Workers, free_port, gauge
from models.interest.threshold.shift_score import Positive
from streams import records as r
from streams import topics
from streams.loud_end import RefusedError
from streams.records import Creative
from streams.wire.codecs import encode
from tests.agents.overview.test_overview import NOW_MS, Arrived, Loop

POSITIVES = {"e1": Positive("u", 40, True)}


def tally(*arrived: Arrived, received_ms: int = NOW_MS) -> DemoTally:
    made = DemoTally({"i1": "boots"})
    for record in arrived:
        made.take(record, received_ms)
    return made


def test_a_found_shift_and_its_creative() -> None:
    loop = Loop(cause_ms=NOW_MS - 120, source="live")
    made = tally(loop.request(), loop.creative())
    report = made.report(POSITIVES)
    assert report["shifts"] == {"true": 1, "found": 1, "missed": 0, "false": 0}
    assert report["creatives"] == {"model": 1, "pool": 0, "live": 1, "reused": 0, "template": 0}
    assert report["event_to_creative_ms"]["p95"] == 120
    assert made.first_model_ms() == NOW_MS


def test_repeats_count_once_and_first_profiles_are_no_shifts() -> None:
    loop = Loop()
    report = tally(loop.request("first"), loop.request("first"), loop.creative(), loop.creative()).report(
        POSITIVES
    )
    assert report["shifts"]["found"] == 0 and report["creatives"]["model"] == 1


def test_a_picture_counts_whichever_version_names_it_first() -> None:
    own = [r.Asset("main", "https://cdn.example/ads/a.jpg", 3, sha256="5" * 64)]
    made = [msgspec.json.decode(Loop().creative(f"cr_{n}").value or b"", type=Creative) for n in range(3)]
    first = structs.replace(made[0], assets=own)
    again = structs.replace(made[1], assets=own, version=2, replaces_version=1)
    arrived = (Arrived(topics.CREATIVE.name, encode(each)) for each in (first, *made[1:], again))
    report = tally(*arrived).report(POSITIVES)
    assert (report["pictured"], report["creatives"]["model"]) == (2, 3)


def test_it_is_told_how_much_was_written_ahead_how_much_live_and_what_came_again() -> None:
    sources = ("pool", "pool", "live", None)
    arrived = [Loop(source=each).creative(f"cr_{n}") for n, each in enumerate(sources)]
    report = tally(*arrived, Loop(by_model=False).creative("cr_9")).report(POSITIVES)
    assert report["creatives"] == {"model": 4, "pool": 2, "live": 1, "reused": 1, "template": 1}
    assert (report["model_share"], report["live_share"]) == (0.8, 0.2)


def test_a_template_is_not_the_models_first() -> None:
    loop = Loop(by_model=False)
    made = tally(loop.request(), loop.creative())
    assert made.first_model_ms() is None and made.report(POSITIVES)["model_share"] == 0.0


def test_broken_and_withdrawn_records_are_passed_over() -> None:
    made = tally(Arrived(topics.CREATIVE.name, b"{"), Arrived(topics.CREATIVE.name, None))
    assert made.report({})["model_share"] is None


def test_a_figure_that_was_not_measured_misses_its_target() -> None:
    report = {**tally().report({}), "first_model_creative_s": None, "compiled_after_start": 1}
    assert not any(reached for name, value, _, _, reached in checked_targets(report) if value is None)


def test_nothing_may_be_compiled_once_events_wait() -> None:
    report = {**tally().report({}), "first_model_creative_s": 44.0, "compiled_after_start": 0}
    for compiled in (0, 1):
        reached = {
            name: each for name, *_, each in checked_targets({**report, "compiled_after_start": compiled})
        }
        assert (reached["first_model_creative_s"], reached["compiled_after_start"]) == (True, not compiled)


def test_a_gauge_is_read_from_an_exposition() -> None:
    text = "# HELP x y\nshiftcast_lanes 4.0\nshiftcast_lanes_total 9.0\n"
    assert gauge(text, "shiftcast_lanes") == 4.0 and gauge(text, "shiftcast_other") == 0.0


def test_a_taken_port_is_replaced() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port


STUBBORN = (
    "import signal, subprocess, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', "
    "flush=True)\ntime.sleep(600)\n"
)


def start(made: Workers, tmp_path: Path, name: str, code: str) -> workers_module.RunningWorker:
    (tmp_path / f"{name}.py").write_text(code)
    return made._start(name, [name], 1, "PORT")


def test_a_worker_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "STOP_S", 0.3)
    made = Workers(tmp_path / "logs", {**os.environ, "PYTHONPATH": str(tmp_path)})
    stubborn = start(made, tmp_path, "stubborn_worker", STUBBORN)
    while "up" not in stubborn.log.read_text():
        time.sleep(0.02)
    made.stop()
    assert stubborn.process.returncode == -signal.SIGKILL and made.running == []


def test_a_worker_that_ended_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    made = Workers(tmp_path / "logs", {**os.environ, "PYTHONPATH": str(tmp_path)})
    gone = start(made, tmp_path, "short_worker", "import sys\nsys.exit('no topic: make them')\n")
    gone.process.wait()
    with pytest.raises(RefusedError, match=r"(?s)short_worker ended with code 1.*no topic: make them"):
        made.check()
    assert Path(sys.executable).exists()


class Answers(BaseHTTPRequestHandler):
    """A worker that says a few times that it is warming up, and then is ready."""

    warming = 5

    def do_GET(self) -> None:
        warming = Answers.warming > 0
        Answers.warming -= self.path == "/ready"
        body = b"warming up\n" if self.path == "/ready" and warming else b"shiftcast_lanes 4.0\n"
        self.send_response(503 if warming else 200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


class RunningProcess:
    def poll(self) -> None:
        return None


def test_a_worker_that_compiles_is_waited_for_and_figures_are_summed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = itertools.count(step=workers_module.START_S / 2)  # two looks, unless it is warming up
    monkeypatch.setattr("agents.demo.workers.time", SimpleNamespace(monotonic=lambda: next(ticks)))
    monkeypatch.setattr(workers_module, "_LOOK_S", 0)
    made = Workers(tmp_path, {})
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        worker = workers_module.RunningWorker("toy", RunningProcess(), tmp_path, server.server_port)  # type: ignore[arg-type]
        made.running = [worker, worker]
        asyncio.run(made.ready(worker, "/metrics", lambda text: gauge(text, "shiftcast_lanes") >= 1))
        assert asyncio.run(made.total("shiftcast_lanes")) == 8
        server.shutdown()
    assert Answers.warming == 0


def test_each_language_is_told_apart() -> None:
    loop = Loop(source="live")
    english = msgspec.json.decode(loop.creative().value or b"", type=Creative)
    german = msgspec.structs.replace(english, creative_id="cr_2", lang="de-AT")
    arrived = [Arrived(topics.CREATIVE.name, msgspec.json.encode(german))]
    report = tally(*arrived, Loop(by_model=False).creative("cr_9")).report(POSITIVES)
    assert report["languages"] == {
        "de": {"model": 1, "pool": 0, "live": 1, "reused": 0, "template": 0},
        "en": {"model": 0, "pool": 0, "live": 0, "reused": 0, "template": 1},
    }
    assert report["template_share"] == 0.5
