"""The demo's workers: each a process in a group of its own, waited for until it works, ended whatever
happens."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from agents.demo.behind import put_behind
from streams.loud_end import RefusedError

STOP_S: Final = 20.0
START_S: Final = 120.0
_LOOK_S: Final = 0.2
LOG_LINES: Final = 6
RENDERER: Final = "render_assets"
WARMING_UP: Final = "warming up\n"
"""What /ready of a worker says while its kernels are compiled (streams/worker/app.py)."""


@dataclass(frozen=True)
class RunningWorker:
    """A running process; `port` is where it answers HTTP: metrics of a worker, the page itself."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    port: int


def free_port(wanted: int = 0) -> int:
    """`wanted` when it is free, else any free port of this machine."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Workers:
    """Starts, watches and stops them. Use `stop` in a finally."""

    def __init__(self, logs: Path, environ: Mapping[str, str]) -> None:
        self._logs = logs
        self._environ = dict(environ)
        self.running: list[RunningWorker] = []

    def start_agent(self, module: str) -> RunningWorker:
        """`faust -A agents.<module> worker`, as an operator would type it; pictures wait for what answers."""
        worker = self._start(
            module,
            ["faust", "-A", f"agents.{module}", "worker", "-l", "info"],
            free_port(),
            "SHIFTCAST_METRICS_PORT",
        )
        if module == RENDERER:
            put_behind(worker.process.pid)
        return worker

    def start_collector(self) -> RunningWorker:
        """The receiver of trackers."""
        return self._start("collect_events", ["agents.collect_events"], free_port(), "SHIFTCAST_METRICS_PORT")

    def start_page(self, port: int) -> RunningWorker:
        """The read-only page."""
        return self._start("serve_pages", ["agents.serve_pages"], port, "SHIFTCAST_PAGE_PORT")

    def _start(self, name: str, module: list[str], port: int, variable: str) -> RunningWorker:
        self._logs.mkdir(parents=True, exist_ok=True)
        path = self._logs / f"{name}.log"
        with path.open("wb") as log:
            # A session of its own: Ctrl-C reaches the demo alone, which then ends the workers in order.
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", *module],
                env={**self._environ, variable: str(port), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        worker = RunningWorker(name, process, path, port)
        self.running.append(worker)
        return worker

    def check(self) -> None:
        """Raises RefusedError with the end of its log when a worker is gone."""
        for worker in self.running:
            code = worker.process.poll()
            if code is not None:
                tail = "\n".join(worker.log.read_text(errors="replace").splitlines()[-LOG_LINES:])
                raise RefusedError(
                    f"worker {worker.name} ended with code {code}; the end of {worker.log}:\n{tail}"
                )

    async def ready(self, worker: RunningWorker, path: str, is_ready: Callable[[str], bool]) -> None:
        """Waits until GET `path` answers 200 with a text that `is_ready` takes. Raises RefusedError when it
        ends or does not come up."""
        end = time.monotonic() + START_S
        async with ClientSession(timeout=ClientTimeout(total=2)) as session:
            while time.monotonic() < end:
                self.check()
                status, text = await _answer(session, worker, path)
                if status == 200 and is_ready(text):
                    return
                if (await _answer(session, worker, "/ready"))[1] == WARMING_UP:
                    end = time.monotonic() + START_S  # a first start compiles, as long as it takes
                await asyncio.sleep(_LOOK_S)
        raise RefusedError(
            f"worker {worker.name} did not get ready in {START_S:.0f} s; its log is {worker.log}"
        )

    async def total(self, name: str) -> int:
        """A metric over all workers; with its labels, as the exposition writes them, where it has some."""
        async with ClientSession(timeout=ClientTimeout(total=2)) as session:
            texts = [(await _answer(session, worker, "/metrics"))[1] for worker in self.running]
        return round(sum(gauge(text, name) for text in texts))

    def stop(self) -> None:
        """Asks all to end, waits, and kills the groups of those that do not."""
        for worker in self.running:
            _signal(worker, signal.SIGTERM)
        end = time.monotonic() + STOP_S
        for worker in self.running:
            try:
                worker.process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(worker, signal.SIGKILL)
                worker.process.wait()
        self.running = []


async def _answer(session: ClientSession, worker: RunningWorker, path: str) -> tuple[int, str]:
    """(status, text) of a GET; (0, "") without an answer."""
    try:
        async with session.get(f"http://127.0.0.1:{worker.port}{path}") as answer:
            return answer.status, await answer.text()
    except (ClientError, TimeoutError):
        return 0, ""


def gauge(metrics: str, name: str) -> float:
    """Value of a metric in a Prometheus exposition, named with its labels; 0 when it is not there."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", metrics, re.MULTILINE)
    return float(found[1]) if found else 0.0


def _signal(worker: RunningWorker, number: signal.Signals) -> None:
    if worker.process.poll() is None:
        os.killpg(worker.process.pid, number)
