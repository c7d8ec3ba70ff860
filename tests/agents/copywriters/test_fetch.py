"""A language model of others comes into the registry with what this project taught it, once, and writes only
where nothing else was chosen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from agents.copywriters.wheels import WHEELS, ModelWheel
from agents.model_commands import fetch
from models.copywriter.registry import Registry
from models.gguf import converting
from models.gguf.adapter import LowRank, TaughtAdapter, write_adapter
from tests.models.gguf.small_files import HIDDEN, LAYERS, WIDTH, write_gguf

CARD = {
    "version": "7", "writing": "ads", "locales": ["en"], "temperature": 0.8, "floor": 0.1, "quality": {},
    "recipe": {"kind": "LoRA"},
}  # fmt: skip


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Where the command registers, in reach of a small wheel and of what its model was taught."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHIFTCAST_MODEL_DIR", str(tmp_path / "registry"))
    (tmp_path / "registry").mkdir()
    rng = np.random.default_rng(2)
    inner, out = (rng.normal(0, 0.3, size).astype(np.float16) for size in ((2, WIDTH), (HIDDEN, 2)))
    name = f"model.layers.{LAYERS - 1}.mlp.up_proj.weight"
    write_adapter(tmp_path / "taught.npz", TaughtAdapter({name: LowRank(inner, out)}, CARD))
    base = write_gguf(tmp_path / "small.gguf")
    wheel: ModelWheel = replace(WHEELS["smollm2"], parent="somebody/small")
    monkeypatch.setattr(fetch, "WHEELS", {"smollm2": wheel})
    monkeypatch.setattr(fetch, "fetched", lambda *_: base)
    return Registry(tmp_path / "registry")


def run(arguments: Sequence[str]) -> str:
    result = CliRunner().invoke(fetch.command, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_it_comes_with_what_it_was_taught_and_is_converted_once(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["--adapter", str(tmp_path / "taught.npz"), "--json"]
    manifest = json.loads(run(arguments))
    assert (manifest["name"], manifest["version"]) == ("smollm2", "7")
    assert (manifest["writing"], manifest["parent"]) == ("ads", "somebody/small")
    assert manifest["recipe"] == CARD["recipe"]
    monkeypatch.setattr(converting, "build_fused_graph", lambda *_: pytest.fail("converted again"))
    assert json.loads(run(arguments)) == manifest
    assert registry.find("smollm2/7")


def test_it_writes_where_nothing_was_chosen_and_nowhere_else(registry: Registry, tmp_path: Path) -> None:
    arguments = ["--adapter", str(tmp_path / "taught.npz"), "--use"]
    assert "it writes from now on" in run(arguments)
    assert registry.current().reference == "smollm2/7"
    registry.use("builtin", 9)
    assert "to write with it: shiftcast model use smollm2/7" in run(arguments)
    assert registry.current().reference == "builtin"


def test_plain_it_writes_as_any_model_does(registry: Registry) -> None:
    manifest = json.loads(run(["--plain", "--json", "--version", "0"]))
    assert (manifest["writing"], manifest["recipe"]) == ("text", {})
    assert registry.find("smollm2/0")
