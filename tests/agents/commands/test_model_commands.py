"""`shiftcast model list, use, rollback, shadow` without a broker: what is shown, what is moved, what is
refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agents.commands.control.model import command
from models.copywriter.registry import Registry, builtin_folder
from streams.loud_end import RefusedError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder called acme/1."""
    made = tmp_path / "exported"
    shutil.copytree(builtin_folder(), made)
    manifest = json.loads((made / "manifest.json").read_text())
    (made / "manifest.json").write_text(json.dumps({**manifest, "name": "acme", "version": "1"}))
    return made


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHIFTCAST_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("KAFKA_BROKER", "127.0.0.1:9")
    return tmp_path / "models"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def said(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output + repr(result.exception)
    return json.loads(result.stdout)


def refusal(*arguments: str) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, RefusedError), result.output + repr(result.exception)
    return str(result.exception)


def test_a_folder_is_taken_in_used_and_rolled_back(root: Path, folder: Path) -> None:
    assert "holds neither a model" in refusal("list"), "as `check` and the workers say"
    assert "holds neither a model" in refusal("rollback", "--offline")
    assert said("use", str(folder), "--offline")["current"] == "acme/1"
    rows = said("list")
    assert [(row["version"], row["current"], row["files"]) for row in rows] == [
        ("builtin", False, "whole"),
        ("acme/1", True, "whole"),
    ]
    assert max(map(len, run("list").stdout.splitlines())) < 160
    assert said("use", "builtin", "--offline")["current"] == "builtin"
    assert said("rollback", "--offline")["current"] == "acme/1"
    assert said("rollback", "--offline") == {
        "current": "builtin", "sha256": Registry(root).find("builtin").sha256, "announced": False
    }  # fmt: skip
    assert "nothing stood before" in refusal("rollback", "--offline")


def test_without_a_broker_nothing_is_moved(root: Path, folder: Path) -> None:
    assert "shiftcast broker start" in refusal("use", str(folder))
    assert Registry(root).history() == []
    assert "shiftcast broker start" in refusal("shadow", "builtin")
    assert "shiftcast broker start" in refusal("shadow", str(folder))
    assert not root.exists()


def test_the_list_names_a_damaged_version(root: Path, folder: Path) -> None:
    said("use", str(folder), "--offline")
    (root / "acme" / "1" / "tokenizer.json").write_text("{}")
    (damaged,) = [row for row in said("list") if row["version"] == "acme/1"]
    assert "tokenizer.json" in damaged["files"]
    assert "acme/1" in run("list").stdout
    assert "acme/1 cannot be used" in refusal("use", "acme/1", "--offline")


def test_mistakes_end_in_one_line_that_says_what_to_type(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "shiftcast model list" in refusal("use", "acme/7", "--offline")
    (checkpoint := folder.parent / "checkpoint").mkdir()
    (checkpoint / "config.json").write_text("{}")
    assert f"shiftcast model export {checkpoint}" in refusal("use", str(checkpoint), "--offline")
    assert run("shadow").exit_code == 2
    assert run("shadow", "builtin", "--off").exit_code == 2
    assert run("shadow", "builtin", "--share", "0").exit_code == 2
    monkeypatch.setenv("SHIFTCAST_MODEL_DIR", str(folder))
    assert "one model" in refusal("use", "builtin", "--offline")
