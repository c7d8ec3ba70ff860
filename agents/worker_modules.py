"""The Faust apps by the names of their groups: the module that `faust -A` takes of each."""

from __future__ import annotations

from typing import Final

WORKER_MODULES: Final = {
    "profiles": "agents.update_profiles",
    "generator": "agents.generate_creatives",
    "catalog": "agents.index_catalog",
    "clicks": "agents.train_click_model",
    "feedback": "agents.measure_feedback",
    "renderer": "agents.render_assets",
}
