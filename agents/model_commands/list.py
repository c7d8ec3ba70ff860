"""`shiftcast model list`: the versions in the registry, which is current, and how each was measured."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import click
from rich.table import Table

from agents.commands.options import echo_json, json_option
from agents.commands.tables import print_table
from agents.copywriters.announcing import standing_registry
from models.copywriter.registry import Registry, RegistryError
from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import open_folder
from models.release import BUILTIN
from streams.loud_end import RefusedError
from streams.settings import Settings

_TELLING: Final = ("publishable", "template_share", "unsupported", "distinct_2")
"""Figures that versions are compared by at a glance; the others are in the JSON."""


@click.command()
@json_option("Print one JSON array.")
def command(as_json: bool) -> None:
    """Show the versions in the registry: SHIFTCAST_MODEL_DIR, else .shiftcast/models."""
    registry = standing_registry(Settings.from_environ(os.environ))
    try:
        rows = list(versions(registry))
    except RegistryError as error:
        raise RefusedError(str(error)) from error
    if as_json:
        echo_json(rows)
        return
    table = Table(title=f"Copywriters in {registry.root}", title_justify="left")
    for title in ("version", "", "about", "quality", "files"):
        table.add_column(title, overflow="fold")
    for row in rows:
        about = (
            row["architecture"],
            " ".join(row["locales"]),
            row["licence"],
            f"from {row['parent']}" if row["parent"] else None,
        )
        quality = ", ".join(f"{name} {row['quality'][name]}" for name in _TELLING if name in row["quality"])
        mark = "current" if row["current"] else ""
        table.add_row(row["version"], mark, ", ".join(part for part in about if part), quality, row["files"])
    print_table(table)


def versions(registry: Registry) -> Iterator[dict[str, Any]]:
    """One entry per version; `files` says what is wrong with it. Raises RegistryError for a broken
    pointer."""
    history = registry.history()
    current = history[0].release.reference if history else BUILTIN
    for release in registry.releases():
        entry: dict[str, Any] = {
            "version": release.reference,
            "sha256": release.sha256,
            "current": release.reference == current,
        }
        try:
            manifest = open_folder(registry.folder(release)).manifest
            registry.whole(release)
            entry["files"] = "whole"
        except (ModelFileError, RegistryError) as error:
            manifest = {}
            entry["files"] = str(error)
        for name in ("architecture", "parent", "licence"):
            entry[name] = manifest.get(name)
        yield {**entry, "locales": manifest.get("locales", []), "quality": manifest.get("quality") or {}}
