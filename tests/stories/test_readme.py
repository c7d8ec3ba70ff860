"""The README is executed: every shell and Python block, in order, as one reader would type them."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from streams.settings import Settings, markdown, variable

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SHORT = {"make demo": "make demo ARGS=--short", "make test": ":", "make check": ":"}
"""Long programs run in their short form; these tests and `make check` are what runs them."""


def script() -> str:
    """All blocks as one bash script."""
    lines = [
        "set -euo pipefail",
        "trap 'kill $(jobs -p) 2>/dev/null || true; shiftcast broker stop >/dev/null || true' EXIT",
    ]
    for language, text in BLOCKS:
        if language == "sh":
            lines += [SHORT.get(line.strip(), line) for line in text.splitlines()]
        elif language == "python":
            lines += ["python - <<'PYTHON'", text.rstrip(), "PYTHON"]
    return "\n".join(lines) + "\n"


@pytest.mark.broker
@pytest.mark.timeout(600)
def test_every_block_runs(tmp_path: Path) -> None:
    for entry in ROOT.iterdir():
        if entry.name not in {".git", ".shiftcast"}:
            (tmp_path / entry.name).symlink_to(entry)
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "KAFKA_BROKER" and not name.startswith("SHIFTCAST_")
    }
    environment["PATH"] = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{environment['PATH']}"
    bash = shutil.which("bash")
    assert bash
    shell = subprocess.Popen(
        [bash, "-c", script()],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        shown, errors = shell.communicate(timeout=580)
    finally:
        with_group = shell.poll() is None
        if with_group:
            os.killpg(shell.pid, signal.SIGKILL)
    assert shell.returncode == 0, f"{shown[-3000:]}\n{errors[-3000:]}"
    assert "headline" in shown, "the consumer's block prints a creative"


def test_the_settings_table_is_the_code() -> None:
    assert markdown().strip() in README
    assert all(variable(each) in README for each in dataclasses.fields(Settings))


def test_every_file_it_names_exists() -> None:
    for name in re.findall(r"`((?:streams|agents|models|deploy|tests)/[\w/.-]+)`", README):
        assert (ROOT / name).exists(), name


def test_every_command_it_names_exists() -> None:
    from agents.run_commands import COMMANDS

    assert set(re.findall(r"shiftcast ([a-z-]+)", README)) <= set(COMMANDS)


def test_topics_it_names_exist() -> None:
    from streams import topics

    known = {spec.name for spec in topics.ALL_TOPICS}
    assert set(re.findall(r"ads\.[a-z.]+\.v\d", README)) <= known
