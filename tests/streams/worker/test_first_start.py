"""What keeps a worker from starting is one line, wherever in its start it happens, and the process ends."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from streams import metrics_server
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.topics import CLICK
from streams.worker import app as worker_app
from streams.worker import warming_up
from streams.worker.app import build_app
from streams.worker.fitness import make_data_folder
from streams.worker.folder_stamp import FolderStamp


class EndedError(Exception):
    """In place of the end of the process."""


def ended_with(settings: Settings, monkeypatch: pytest.MonkeyPatch, connect: Any = None) -> str:
    """The line that a start of a worker ends in, with a broker that has all topics."""

    async def fit(_settings: Settings, _specs: Any) -> None:
        return None

    async def stamp(_settings: Settings, app_id: str, changelog: str) -> FolderStamp:
        return FolderStamp("cluster", app_id, changelog, "id")

    def end(what: str) -> None:
        raise EndedError(what)

    monkeypatch.setattr(worker_app, "reason_to_refuse", fit)
    monkeypatch.setattr(worker_app, "stamp_of", stamp)
    monkeypatch.setattr(worker_app, "end_now", end)
    monkeypatch.setattr(worker_app, "end_on_hangup", lambda: None)
    monkeypatch.setattr(warming_up, "compile_kernels", lambda: None)

    async def start() -> None:
        app = build_app(settings, "toy", [CLICK])
        app.connect = connect
        await app.on_first_start()

    with pytest.raises(EndedError) as caught:
        asyncio.run(start())
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_data_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    line = ended_with(Settings(data_dir=tmp_path / "file" / "rows"), monkeypatch)
    assert "cannot be made (Not a directory" in line and "set SHIFTCAST_DATA_DIR" in line


def test_a_data_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda _folder, _mode: False)
    with pytest.raises(RefusedError, match="cannot be written: set SHIFTCAST_DATA_DIR"):
        make_data_folder(tmp_path)


def test_a_port_of_the_metrics_that_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = ended_with(Settings(data_dir=tmp_path, metrics_port=port), monkeypatch)
    assert "metrics cannot listen at 127.0.0.1:" in line and "SHIFTCAST_METRICS_PORT=0" in line


def test_whatever_else_a_start_meets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect() -> None:
        raise ZeroDivisionError("a defect")

    line = ended_with(Settings(data_dir=tmp_path), monkeypatch, connect)
    assert line.startswith("ZeroDivisionError: a defect (at test_first_start.py:")


def test_where_the_metrics_are_is_said_whatever_the_level_of_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(metrics_server, "say", said.append)

    async def serve() -> int:
        return metrics_server.serve_metrics(Settings(), "toy", str, str)

    port = asyncio.run(serve())
    assert said == [f"toy: metrics on http://127.0.0.1:{port}/metrics, with /live, /health and /ready"]
