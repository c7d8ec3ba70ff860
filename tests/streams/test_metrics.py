"""What a worker answers on its metrics port."""

from __future__ import annotations

import urllib.error
import urllib.request

from streams import metrics
from streams.settings import Settings


def status(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_health_and_readiness_are_what_the_worker_says_of_itself() -> None:
    state = {"healthy": True, "ready": False}
    port = metrics.serve_metrics(Settings(), lambda: state["healthy"], lambda: state["ready"])
    assert status(port, "/health")[0] == 200
    assert status(port, "/ready") == (503, b"no partitions yet\n")
    state.update(healthy=False, ready=True)
    assert status(port, "/health")[0] == 503
    assert status(port, "/ready")[0] == 200
    assert b"shiftcast_records_total" in status(port, "/metrics")[1]
