"""Start, ask and stop a real `shiftcast serve` process."""

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

from streams.settings import Settings
from tests.workers import ROOT

TOKEN = "a-token"
READY_S = 300.0


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes


class LookupServer:
    """One process; `core` keeps it on one of the machine's cores."""

    def __init__(self, settings: Settings, log: Path, core: int | None = None, **env: str) -> None:
        self.log = log
        environ = {
            **os.environ,
            "KAFKA_BROKER": settings.broker,
            "SHIFTCAST_SERVE_PORT": "0",
            "SHIFTCAST_SERVE_TOKENS": TOKEN,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            **env,
        }
        pinned = [] if core is None else ["taskset", "-c", str(core)]
        command = [*pinned, sys.executable, "-m", "agents.serve_creatives"]
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=out, stderr=out)
        self.port = int(self._said(r"creatives: http://\S+?:(\d+)/"))
        self._metrics = self._said(r"metrics on (http://\S+?)/metrics")

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> Answered:
        """A request with the token."""
        return _answered(
            f"http://127.0.0.1:{self.port}{path}", body, {"Authorization": f"Bearer {TOKEN}", **headers}
        )

    def state(self, path: str) -> Answered:
        """/ready, /health, /live or /metrics."""
        return _answered(f"{self._metrics}{path}", None, {})

    def restore_s(self) -> float:
        """What it says its reading of the topics took."""
        found = re.search(r"^shiftcast_restore_seconds (\S+)$", self.state("/metrics").body.decode(), re.M)
        assert found
        return float(found[1])

    def stop(self) -> int:
        """SIGTERM and wait; its exit status."""
        self.process.terminate()
        return self.process.wait(60)

    def _said(self, pattern: str) -> str:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.log.read_text()):
                return found[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"the look-up did not come up:\n{self.log.read_text()[-3000:]}")


def _answered(url: str, body: bytes | None, headers: Mapping[str, str]) -> Answered:
    asked = urllib.request.Request(url, data=body, headers=dict(headers))
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return Answered(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return Answered(refused.code, dict(refused.headers), refused.read())
