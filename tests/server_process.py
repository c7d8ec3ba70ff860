"""Start, ask, kill and stop a process that serves HTTP: its address and that of its metrics stand in what it
says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.settings import Settings
from tests.workers import ROOT

READY_S = 300.0


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes


class _Unled(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is an answer."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Unled)


class ServerProcess:
    """One process of `module`, which says "`name`: http://..."; `core` keeps it on one of the machine's
    cores."""

    def __init__(
        self,
        module: str,
        name: str,
        settings: Settings,
        log: Path,
        core: int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.log = log
        environ = {
            **os.environ,
            "KAFKA_BROKER": settings.broker,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            **(env or {}),
        }
        pinned = [] if core is None else ["taskset", "-c", str(core)]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*pinned, sys.executable, "-m", module], env=environ, cwd=ROOT, stdout=out, stderr=out
            )
        self.port = int(self._said(rf"{name}: http://\S+?:(\d+)"))
        self._metrics = self._said(r"metrics on (http://\S+?)/metrics")

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> Answered:
        """A request."""
        return _answered(f"http://127.0.0.1:{self.port}{path}", body, headers)

    def state(self, path: str) -> Answered:
        """/ready, /health, /live or /metrics."""
        return _answered(f"{self._metrics}{path}", None, {})

    def metric(self, series: str) -> float:
        """Value of a series as /metrics has it."""
        found = re.search(rf"^{re.escape(series)} (\S+)$", self.state("/metrics").body.decode(), re.M)
        assert found, f"{series} is not served"
        return float(found[1])

    def stop(self) -> int:
        """SIGTERM and wait; its exit status."""
        self.process.terminate()
        return self.process.wait(60)

    def kill(self) -> None:
        """SIGKILL; nothing happens to one that has ended."""
        self.process.kill()
        self.process.wait()

    def _said(self, pattern: str) -> str:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.log.read_text()):
                return found[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"the process did not come up:\n{self.log.read_text()[-3000:]}")


def _answered(url: str, body: bytes | None, headers: Mapping[str, str]) -> Answered:
    asked = urllib.request.Request(url, data=body, headers=dict(headers))
    try:
        with _OPENER.open(asked, timeout=60) as answer:
            return Answered(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return Answered(refused.code, dict(refused.headers), refused.read())
