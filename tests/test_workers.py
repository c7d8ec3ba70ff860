"""Workers that tests start."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.workers import Worker, end_all


def test_a_worker_that_a_test_left_running_is_ended(tmp_path: Path) -> None:
    nowhere = {"KAFKA_BROKER": "127.0.0.1:9", "SHIFTCAST_BROKER_WAIT_S": "600"}
    worker = Worker("tests.streams.worker.toy_worker", nowhere, tmp_path / "left").start()
    assert worker.alive()
    end_all()
    assert worker.returncode() == -signal.SIGKILL
