"""What a model folder is known by, and which folders share their graphs."""

from __future__ import annotations

import hashlib
from typing import Final

from models.model_folder.session import ModelFolder

ADAPTERS: Final = "adapters/"
"""Folder of adapters in a model folder."""


def hash_of(folder: ModelFolder, graph: str) -> str:
    """What a model is known by in creatives: the sum of its graph, and with adapters that of the graph's and
    theirs."""
    sums = folder.manifest["files"]
    adapters = [sums[name] for name in sorted(sums) if name.startswith(ADAPTERS)]
    return (
        hashlib.sha256("".join((sums[graph], *adapters)).encode()).hexdigest()
        if adapters
        else str(sums[graph])
    )[:12]


def graphs_of(folder: ModelFolder) -> dict[str, str]:
    """Everything but adapters, card and manifest: name -> sha256, and what decides how the graphs are
    used."""
    about = folder.manifest
    used = {
        key: repr(about.get(key))
        for key in ("spec", "variants", "writing", "locales", "temperature", "floor")
    }
    bank = {key: repr((about.get("adapters") or {}).get(key)) for key in ("room", "rank")}
    return {
        **{
            name: sum_
            for name, sum_ in about["files"].items()
            if not name.startswith(ADAPTERS) and name != "README.md"
        },
        **used,
        **bank,
    }
