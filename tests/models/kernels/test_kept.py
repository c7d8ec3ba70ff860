"""Compiled kernels are found again as long as every source that they are made of says the same: on another
machine, from another folder, where nothing can be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from llvmlite import binding
from numba import config

import models
from models.kernels.kept import digest, kept_in, processor, sources

ROOT = Path(models.__file__).parents[1]
_RUN = """
import sys
sys.path.insert(0, {code!r})
{before}
from models.kernels.compiled import compile_kernels, count_compilations
from models.kernels.lookup import Lookup
assert Lookup([(5, 7)]).values[5] == 7
compile_kernels()
print(count_compilations())
"""
_ANOTHER_MACHINE = """
import llvmlite.binding as binding
features = dict(binding.get_host_cpu_features(), avx512f=False, avx512_fp16=True, sse4a=True)
binding.get_host_cpu_name = lambda: "znver4"
Features = type("Features", (dict,), {"flatten": lambda self: "+sse4a"})
binding.get_host_cpu_features = lambda: Features(features)
"""


def compiled(code: Path, before: str = "", **options: Any) -> int:
    """How many functions a process compiles that uses a kernel of the package at `code`."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA", "PYTHON"))}
    script = _RUN.format(code=str(code), before=before)
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environ, capture_output=True, text=True, **options
    )
    assert ran.returncode == 0, ran.stderr
    return int(ran.stdout)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Code in a folder of its own, its kernel compiled."""
    code = tmp_path / "code"
    shutil.copytree(ROOT / "models", code / "models", ignore=shutil.ignore_patterns("__pycache__", "builtin"))
    (code / "streams").mkdir()
    assert compiled(code) > 0
    return code


def test_kernels_are_found_by_another_processor_from_another_folder(installed: Path, tmp_path: Path) -> None:
    assert compiled(installed, _ANOTHER_MACHINE, cwd=tmp_path) == 0


def test_kernels_are_found_where_nothing_can_be_written(installed: Path) -> None:
    for path in [installed, *installed.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        assert compiled(installed, "import tempfile\ntempfile.TemporaryFile = None") == 0
    finally:
        for path in [installed, *installed.rglob("*")]:
            path.chmod(path.stat().st_mode | 0o200)


def test_a_folder_that_cannot_be_written_costs_a_compilation_at_each_start(installed: Path) -> None:
    kept = next((installed / "models" / "__pycache__").glob("kernels-*"))
    shutil.rmtree(kept)
    kept.write_text("no folder")
    assert compiled(installed) > 0 and compiled(installed) > 0


def test_the_processor_is_the_best_of_which_nothing_is_missing() -> None:
    able = dict.fromkeys(("sse2", "cx16", "popcnt", "sse4.2", "ssse3"), True)
    best = able | dict.fromkeys(("avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"), True)
    assert processor(best | {"avx512f": True}) == processor(best) == "x86-64-v3"
    assert processor(best | {"avx2": False}) == processor(able) == "x86-64-v2"
    assert processor(able | {"popcnt": False}) == "x86-64"
    assert processor({"neon": True}) == "generic"
    assert processor(binding.get_host_cpu_features()) == config.CPU_NAME and config.CPU_FEATURES == ""


def test_sources_are_the_kernels_and_what_they_import(tmp_path: Path) -> None:
    room = tmp_path / "models" / "room"
    (tmp_path / "streams").mkdir()
    room.mkdir(parents=True)
    declares = "from models.kernels.compiled import kernel\n"
    (room / "a.py").write_text(f"{declares}from models.room.b import (  # fmt: skip\n    A,\n    B,\n)\n")
    (room / "b.py").write_text("from models.shared import (  # one a line\n    a,\n    c as d,\n)\n")
    (tmp_path / "models" / "shared").mkdir()
    (tmp_path / "models" / "shared" / "c.py").write_text("C = 1\n")
    (tmp_path / "models" / "other.py").write_text("from models.shared.c import C\n")
    (tmp_path / "streams" / "d.py").write_text(declares)
    found = sources(tmp_path)
    assert [path.name for path in found] == ["a.py", "b.py", "c.py", "d.py"]
    before = digest(found)
    (tmp_path / "models" / "other.py").write_text("")
    assert digest(sources(tmp_path)) == before
    (tmp_path / "models" / "shared" / "c.py").write_text("C = 2\n")
    assert digest(sources(tmp_path)) != before


def test_the_folder_is_keyed_by_the_real_sources() -> None:
    real = sources(ROOT)
    assert {"update.py", "regimes.py", "half.py", "profile.py", "layout.py", "row.py", "arena.py"} <= {
        path.name for path in real
    }
    assert kept_in().name == f"kernels-{digest(real)}"
