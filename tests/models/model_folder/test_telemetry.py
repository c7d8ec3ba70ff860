"""onnxruntime writes and sends telemetry by itself; Shiftcast switches it off before the first import, and
these tests would notice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WRITE = (
    "from models.copywriter.generate import Copywriter\n"
    "from models.brief.brief import Brief\n"
    "draft, = Copywriter.load().write([Brief('rq_1', 'c', 'native', 'Acme', 'Oak Desk', 'desk')], lambda: "
    "1e9)\n"
    "assert draft.copy is not None\n"
)
BARE = (
    "import onnxruntime\n"
    "from pathlib import Path\n"
    "graph = next(Path('models/copywriter/builtin').glob('*.onnx'))\n"
    "onnxruntime.InferenceSession(str(graph), providers=['CPUExecutionProvider'])\n"
)


def run(program: str, home: Path, *before: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ORT_", "XDG_"))}
    return subprocess.run(
        [*before, sys.executable, "-c", program],
        env={**environment, "HOME": str(home)},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )


def traces(home: Path) -> list[Path]:
    return [
        path for path in home.rglob("*") if "Microsoft" in path.parts or "onnxruntime" in str(path).lower()
    ]


def test_writing_leaves_no_telemetry(tmp_path: Path) -> None:
    done = run(WRITE, tmp_path)
    assert done.returncode == 0, done.stderr
    assert traces(tmp_path) == []


def test_the_same_search_finds_what_onnxruntime_leaves_by_itself(tmp_path: Path) -> None:
    done = run(BARE, tmp_path)
    assert done.returncode == 0, done.stderr
    if not traces(tmp_path):
        pytest.skip("this build of onnxruntime has no telemetry")


@pytest.mark.skipif(shutil.which("strace") is None, reason="system calls are watched with strace")
def test_writing_tries_no_connection(tmp_path: Path) -> None:
    """Neither a connection nor a socket of the internet, in any thread."""
    log = tmp_path / "calls"
    watch = ("strace", "-f", "-qq", "-e", "trace=socket,connect,sendto", "-o", str(log))
    probe = run("import socket; socket.socket().connect_ex(('127.0.0.1', 9))", tmp_path, *watch)
    if probe.returncode != 0:
        pytest.skip("strace may not watch processes here")
    assert "AF_INET" in log.read_text()  # it sees what it is asked to see
    done = run(WRITE, tmp_path, *watch)
    assert done.returncode == 0, done.stderr
    assert [line for line in log.read_text().splitlines() if "AF_INET" in line] == []
