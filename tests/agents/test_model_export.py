"""`shiftcast model export` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agents.commands.model_export import command
from models.copywriter.brief import Brief
from models.copywriter.generate import Copywriter
from models.registry import Registry
from tests.models.decoder.checkpoints import CONFIGS, checkpoint


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    monkeypatch.setenv("TRANSFORMERS_VERBOSITY", "error")
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("checkpoint") / "small.llama", CONFIGS["llama"](), steps=60)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_a_folder_becomes_a_version_that_the_registry_and_the_copywriter_take(llama: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(llama, "--out", out, "--precision", "fp32", "--version", "7", "--licence", "MIT", "--locale", "en", "--json")
    assert result.exit_code == 0, result.output
    manifest = json.loads(result.stdout)
    assert manifest["folder"] == str(out)
    assert (manifest["name"], manifest["version"], manifest["licence"], manifest["parent"]) == ("small.llama", "7", "MIT", "small.llama")
    assert {key: value for key, value in manifest.items() if key != "folder"} == json.loads((out / "manifest.json").read_text())
    release = Registry(tmp_path / "registry").add(out)
    assert (release.name, release.version) == ("small.llama", "7")
    writer = Copywriter.load(out)
    (draft,) = writer.write([Brief("rq", "c", "native", "Northfold", "Oak Desk", "desk", price_minor=1250, place="US")], lambda: 1e9)
    assert draft.copy is not None or draft.why_none  # a model this small has little to say, but it ends in one of the two


def test_it_says_what_it_checked_and_what_to_type_next(llama: Path, tmp_path: Path) -> None:
    result = run(llama, "--out", tmp_path / "out", "--precision", "fp32")
    assert result.exit_code == 0, result.output
    assert "decode.fp32.onnx  relative error" in result.output
    assert "states no licence: give it with --licence" in result.output
    assert f"shiftcast model use {tmp_path / 'out'}" in result.output
    again = run(llama, "--out", tmp_path / "out")
    assert again.exit_code == 1
    assert "never overwritten" in again.output


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("owner/no-such-model",), "hf download owner/no-such-model"),
        (("no-such-folder",), "no such folder, and no id of the hub"),
        (("/no/such/folder/anywhere",), "no such folder, and no id of the hub"),
        ((".", "--out", "x", "--precision", "w8", "--precision", "w4"), "at most one"),
    ],
)
def test_a_mistake_ends_in_one_readable_line(
    arguments: tuple[str, ...], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, llama: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*(str(llama) if argument == "." else argument for argument in arguments))
    assert result.exit_code == 1
    (line,) = result.output.strip().splitlines()
    assert line.startswith("Error: ")
    assert named in line
    assert list(tmp_path.iterdir()) == []


def test_a_hub_id_is_fetched_without_code_and_named_as_the_parent(llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    def fetched(model: str, **choices: object) -> str:
        asked.update(choices, model=model)
        return str(llama)

    monkeypatch.setattr("models.decoder.hub.snapshot_download", fetched)
    monkeypatch.chdir(tmp_path)
    result = run("owner/tiny-llama", "--precision", "fp32", "--json")
    assert result.exit_code == 0, result.output
    manifest = json.loads(result.stdout)
    assert (manifest["folder"], manifest["name"], manifest["parent"]) == ("tiny-llama-1", "tiny-llama", "owner/tiny-llama")
    assert asked["model"] == "owner/tiny-llama"
    assert not [pattern for pattern in asked["allow_patterns"] if pattern.endswith((".py", ".bin", ".pt"))]  # type: ignore[attr-defined]


def test_an_adapter_needs_a_name_and_a_folder(llama: Path) -> None:
    result = run(llama, "--adapter", "acme")
    assert result.exit_code == 2
    assert "acme is not NAME=FOLDER" in result.output
