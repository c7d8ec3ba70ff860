"""Start, watch, kill and stop real `faust worker` processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READY = "Worker ready"
PATIENCE_S = 150.0
"""Only a worker that will never do it is waited for so long: machines are slow, cold and shared."""


_started: list[subprocess.Popen[bytes]] = []


def end_all() -> None:
    """What a failed test left running would take the processor from all that follow."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _hear_hangups() -> None:
    """Also where the tests themselves run under nohup, which a worker would inherit and respect."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Worker:
    """One `faust -A <module> worker` in a process group of its own, with a data folder and a log of its
    own."""

    def __init__(
        self, app_module: str, env: Mapping[str, str], data_dir: Path, cpu: int | None = None
    ) -> None:
        self.app_module, self.env, self.data_dir, self.cpu = app_module, dict(env), data_dir, cpu
        self.log = data_dir.with_name(data_dir.name + ".log")
        self.process: subprocess.Popen[bytes] | None = None
        self._mark = 0

    def start(self) -> Worker:
        """Start the process; `wait_ready` waits for its assignment."""
        assert self.process is None or self.process.poll() is not None, "still running"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._mark = len(self.output())
        environ = {
            **os.environ,
            **self.env,
            "SHIFTCAST_DATA_DIR": str(self.data_dir),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", "faust", "-A", self.app_module, "worker", "-l", "info"]
        if self.cpu is not None:
            command = ["taskset", "-c", str(self.cpu), *command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env=environ,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_hear_hangups,
            )
        _started.append(self.process)
        return self

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def output(self) -> str:
        """Everything logged so far, of all starts."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def said(self) -> str:
        """What was logged since the last start."""
        return self.output()[self._mark :]

    def reasons(self) -> list[str]:
        """The lines since the last start that are no log: why it ended, without where its metrics are."""
        said = [line for line in self.said().splitlines() if line.startswith("shiftcast: ")]
        return [line for line in said if "metrics on http" not in line]

    def wait_ready(self, timeout_s: float = PATIENCE_S) -> Worker:
        """Until the worker has recovered its state and takes events."""
        self.wait_for(lambda: READY in self.said(), timeout_s, "is not ready")
        return self

    def wait_assigned(self, timeout_s: float = PATIENCE_S) -> Worker:
        """Until its first assignment is in force: Faust calls a worker ready before."""
        self.wait_ready(timeout_s)
        self.wait_for(lambda: answer_of(self, "/ready")[0] == 200, timeout_s, "has no assignment")
        return self

    def wait_for(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Until `condition`; fails when the process ends or the time is up."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if not self.alive():
                raise AssertionError(f"{self.app_module} ended ({self.returncode()}):\n{self.said()[-3000:]}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.app_module} {what} after {timeout_s} s:\n{self.said()[-3000:]}")
            time.sleep(0.05)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def returncode(self) -> int | None:
        return None if self.process is None else self.process.poll()

    def halted(self) -> bool:
        """Whether the process is stopped (SIGSTOP). Fails for one that ended: nobody need wait for it."""
        assert self.alive(), self.said()[-3000:]
        state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state == "T"

    def wait_gone(self, timeout_s: float = PATIENCE_S) -> int:
        """Until the process ended by itself; its exit status (-9 = SIGKILL)."""
        assert self.process is not None
        return self.process.wait(timeout_s)

    def signal(self, number: int) -> None:
        """Send a signal to the whole group."""
        if self.alive():
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)

    def terminate(self, timeout_s: float = PATIENCE_S) -> int:
        """SIGTERM and wait; its exit status."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait_gone(timeout_s)
        except subprocess.TimeoutExpired:
            text = self.said()[-3000:]
            self.kill()
            raise AssertionError(f"{self.app_module} did not stop within {timeout_s} s:\n{text}") from None


def answer_of(worker: Worker, path: str) -> tuple[int, str]:
    """Status and text of a page of the worker's metrics port."""
    found = re.search(r"[Mm]etrics on (http://\S+?)/metrics", worker.said())
    assert found, worker.said()[-3000:]
    try:
        with urllib.request.urlopen(f"{found[1]}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def gauges_of(worker: Worker) -> dict[str, float]:
    """What a worker's metrics say, by name and labels."""
    lines = (line.rpartition(" ") for line in answer_of(worker, "/metrics")[1].splitlines() if line[0] != "#")
    return {name: float(value) for name, _, value in lines}


def counted(worker: Worker, metric: str, label: str = "") -> float:
    """Sum of a counter's series with this label."""
    return sum(n for name, n in gauges_of(worker).items() if name.startswith(metric) and label in name)
