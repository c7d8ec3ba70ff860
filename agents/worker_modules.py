"""The Faust apps by the names of their groups: the module that `faust -A` takes of each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

WORKER_MODULES: Final = {
    "profiles": "agents.update_profiles",
    "generator": "agents.generate_creatives",
    "catalog": "agents.index_catalog",
    "clicks": "agents.train_click_model",
    "feedback": "agents.measure_feedback",
    "renderer": "agents.render_assets",
}


def wrong_app(module: str, typed: Sequence[str]) -> str | None:
    """What to say when a command line asks Faust for a module that is no worker; None where it does not."""
    asked = (("-A", module), ("--app", module))
    if module in WORKER_MODULES.values() or not (
        f"--app={module}" in typed or any(pair in asked for pair in pairwise(typed))
    ):
        return None
    right = ", ".join(WORKER_MODULES.values())
    return f"{module} is no worker: `faust -A` takes {right}; `shiftcast serve`, collect and page are servers"
