"""The environment of `make demo` inside that of the tests: a Python that finds only what a user has
installed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT: Final = Path(__file__).resolve().parents[3] / "pyproject.toml"
RUN_EXTRAS: Final = ("cpu", "broker", "image", "video", "provenance")
"""What the Makefile installs for `make demo`."""

_GUARD: Final = '''"""Hides packages: an import of one fails as if it were not installed."""

import sys
from importlib.machinery import PathFinder

REFUSED = frozenset({refused!r})


class RunPackages(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in REFUSED else super().find_spec(name, path, target)


sys.meta_path[:] = [RunPackages if finder is PathFinder else finder for finder in sys.meta_path]
'''


def run_packages() -> set[str]:
    """Canonical names of the project's run dependencies and of all that these need, as installed here."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    waiting = [*project["dependencies"], *(line for extra in RUN_EXTRAS for line in extras[extra])]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = Requirement(waiting.pop())
        each = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if each not in seen:
            seen.add(each)
            waiting += _needed_by(wanted)
    return {name for name, _extras in seen}


def _needed_by(wanted: Requirement) -> Iterable[str]:
    try:
        lines = requires(wanted.name) or ()
    except PackageNotFoundError:
        return ()
    return [
        line
        for line in lines
        if (marker := Requirement(line).marker) is None
        or any(marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras))
    ]


def refused_modules() -> list[str]:
    """Top-level modules installed here that no run dependency brings."""
    packages = run_packages() | {"shiftcast"}
    return sorted(
        module
        for module, bringers in packages_distributions().items()
        if not packages & {canonicalize_name(each) for each in bringers}
    )


def write_guard(folder: Path) -> Path:
    """A folder for PYTHONPATH that hides everything else from each Python that starts with it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text(_GUARD.format(refused=refused_modules()), encoding="utf-8")
    return folder
