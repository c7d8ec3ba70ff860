"""Apps meet through topics alone: the contract that says so names each of them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import agents
from agents.worker_modules import WORKER_MODULES

PROJECT = Path(agents.__file__).parents[1] / "pyproject.toml"


def test_no_app_is_left_out_of_the_contract() -> None:
    contracts = tomllib.loads(PROJECT.read_text())["tool"]["importlinter"]["contracts"]
    [apart] = [each["modules"] for each in contracts if each["type"] == "independence"]
    servers = {f"agents.{name}" for name in ("serve_creatives", "collect_events", "serve_pages")}
    assert set(apart) == {*WORKER_MODULES.values(), *servers}
