"""The environment and this machine: variables, pinned packages, the model's files, the data folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from packaging.requirements import Requirement

from agents.checks.finding import CheckFinding
from streams.settings import Settings
from streams.settings_table import unknown_variables

FREE_BYTES: Final = 1 << 30
RESERVED: Final = frozenset({"example", "invalid", "localhost", "test"})
"""Top-level domains that never resolve (RFC 2606)."""


def variable_findings(environ: Mapping[str, str]) -> list[CheckFinding]:
    """One error for each variable of our prefix that no setting reads."""
    return [
        CheckFinding("error", name, "no setting has this name", repair)
        for name, repair in unknown_variables(environ).items()
    ]


def machine_findings(settings: Settings) -> list[CheckFinding]:
    """Everything that can be looked at without a broker."""
    return [*_pinned(), *_placeholders(settings), _model(settings), _data_folder(settings.data_dir)]


def _placeholders(settings: Settings) -> list[CheckFinding]:
    """Addresses in creatives that no browser ever loads."""
    named = {"SHIFTCAST_ASSETS_URL": settings.assets_url, "SHIFTCAST_COLLECT_URL": settings.collect_url}
    return [
        CheckFinding(
            "warning", name, f"{url} is a placeholder: nobody can load it", f"put yours, or unset {name}"
        )
        for name, url in named.items()
        if url and (urlsplit(url).hostname or "").rpartition(".")[2] in RESERVED
    ]


def _pinned() -> list[CheckFinding]:
    """Packages whose private API is used: another version than the pinned one may break at run time."""
    try:
        wanted = _pins(requires("shiftcast") or ())
    except PackageNotFoundError:
        return [
            CheckFinding("error", "packages", "shiftcast is not installed in this environment", "make setup")
        ]
    found = {name: _version(name) for name in wanted}
    wrong = [
        f"{name} is {found[name] or 'missing'}, pinned {wanted[name]}"
        for name in wanted
        if found[name] != wanted[name]
    ]
    if wrong:
        return [CheckFinding("error", "packages", "; ".join(wrong), "make setup")]
    return [CheckFinding("ok", "packages", ", ".join(f"{name} {each}" for name, each in found.items()))]


def _pins(lines: Iterable[str]) -> dict[str, str]:
    """Package -> exact version, of the requirements that name one for every installation."""
    parsed = [Requirement(line) for line in lines]
    return {
        each.name: str(each.specifier).removeprefix("==")
        for each in parsed
        if each.marker is None and str(each.specifier).startswith("==")
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _model(settings: Settings) -> CheckFinding:
    """The copywriter's files against the sums of their manifest, and whether its processor is there."""
    if settings.copywriter not in ("model", "small"):
        return CheckFinding(
            "warning",
            "model",
            f"SHIFTCAST_COPYWRITER={settings.copywriter}: test copy, for benchmarks only",
            "unset SHIFTCAST_COPYWRITER",
        )
    try:
        from onnxruntime import get_available_providers

        from models.copywriter.registry import MANIFEST_FILE, Registry, RegistryError, builtin_folder
        from models.model_folder.graph_file import ModelFileError
        from models.model_folder.session import PROVIDERS, open_folder
    except ImportError as error:
        return CheckFinding(
            "error", "model", f"the model's runtime cannot be imported: {error}", "make setup"
        )
    if PROVIDERS[settings.provider] not in get_available_providers():
        return CheckFinding(
            "error",
            "model",
            f"no {settings.provider} in this onnxruntime",
            "pip install 'shiftcast[gpu]', or SHIFTCAST_PROVIDER=cpu",
        )
    registry, folder = Registry(settings.registry_dir), settings.registry_dir
    try:
        if settings.copywriter == "small":
            folder = builtin_folder()
        elif not (folder / MANIFEST_FILE).exists():
            folder = registry.folder((registry if settings.model_dir is None else registry.there()).current())
        model = open_folder(folder)
        total = sum(len(model.read(name)) for name in model.manifest["files"])
    except (ModelFileError, RegistryError) as error:
        repair = (
            "restore the folder, or `shiftcast model rollback`, or unset SHIFTCAST_MODEL_DIR for the "
            "built-in model"
        )
        return CheckFinding("error", "model", str(error), repair)
    return CheckFinding(
        "ok",
        "model",
        f"{len(model.manifest['files'])} files, {total / 1e6:.1f} MB, sums as in the manifest, on "
        f"{settings.provider}",
    )


def _data_folder(folder: Path) -> CheckFinding:
    """Rows need a folder that can be written and has room."""
    parent = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        return CheckFinding(
            "error",
            "data folder",
            f"{parent} cannot be written",
            "set SHIFTCAST_DATA_DIR to a folder that can",
        )
    free = shutil.disk_usage(parent).free
    if free < FREE_BYTES:
        return CheckFinding(
            "warning",
            "data folder",
            f"{free / 1e9:.1f} GB free at {folder}",
            "make room, or set SHIFTCAST_DATA_DIR",
        )
    return CheckFinding("ok", "data folder", f"{folder} can be written, {free / 1e9:.0f} GB free")
