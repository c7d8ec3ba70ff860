"""`shiftcast model export` as a person types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from agents.model_commands.export import command
from models.brief.brief import Brief
from models.copywriter.generate import Copywriter, adapter_name
from models.copywriter.registry import Registry
from tests.models.export.checkpoints import CONFIGS, checkpoint
from tests.models.export.traced_once import traced_once


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    monkeypatch.setenv("TRANSFORMERS_VERBOSITY", "error")
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(scope="module", autouse=True)
def _traced_once() -> Iterator[None]:
    with traced_once():
        yield


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("checkpoint") / "small.llama", CONFIGS["llama"](), steps=60)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_a_folder_becomes_a_version_that_the_registry_and_the_copywriter_take(
    llama: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = run(
        llama,
        "--out",
        out,
        "--precision",
        "fp32",
        "--version",
        "7",
        "--licence",
        "MIT",
        "--locale",
        "en",
        "--json",
    )
    assert result.exit_code == 0, result.output
    manifest = json.loads(result.stdout)
    assert manifest["folder"] == str(out)
    assert (manifest["name"], manifest["version"], manifest["licence"], manifest["parent"]) == (
        "small.llama",
        "7",
        "MIT",
        "small.llama",
    )
    assert {key: value for key, value in manifest.items() if key != "folder"} == json.loads(
        (out / "manifest.json").read_text()
    )
    release = Registry(tmp_path / "registry").add(out)
    assert (release.name, release.version) == ("small.llama", "7")
    writer = Copywriter.load(out)
    (draft,) = writer.write(
        [Brief("rq", "c", "native", "Northfold", "Oak Desk", "desk", price_minor=1250, place="US")],
        lambda: 1e9,
    )
    assert (
        draft.copy is not None or draft.why_none
    )  # a model this small has little to say, but it ends in one of the two


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
        ((".", "--name", "owner/name", "--out", "x"), "'owner/name'"),
        ((".", "--version", ""), "version ''"),
        ((".", "--name", "builtin"), "not builtin"),
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


def test_a_hub_id_is_fetched_without_code_and_named_as_the_parent(
    llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, object] = {}

    def fetched(model: str, **choices: object) -> str:
        asked.update(choices, model=model)
        return str(llama)

    monkeypatch.setattr("models.export.hub.snapshot_download", fetched)
    monkeypatch.chdir(tmp_path)
    result = run("owner/tiny-llama", "--precision", "fp32", "--json")
    assert result.exit_code == 0, result.output
    manifest = json.loads(result.stdout)
    assert (manifest["folder"], manifest["name"], manifest["parent"]) == (
        "tiny-llama-1",
        "tiny-llama",
        "owner/tiny-llama",
    )
    assert asked["model"] == "owner/tiny-llama"
    assert not [pattern for pattern in asked["allow_patterns"] if pattern.endswith((".py", ".bin", ".pt"))]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--adapter", "acme"), "acme is not BRAND=FOLDER"),
        (("--adapter", "=folder"), "=folder is not BRAND=FOLDER"),
        (("--adapter", "Quill & Ash=a", "--adapter", "quill-ash=b"), "quill-ash is given twice"),
        (("--locale", "german"), "german is no code of a language"),
    ],
)
def test_an_option_that_could_never_take_effect_is_refused(
    llama: Path, arguments: tuple[str, ...], named: str
) -> None:
    result = run(llama, *arguments)
    assert result.exit_code == 2
    assert named in result.output


def test_a_locale_and_a_brand_are_kept_as_serving_looks_for_them(llama: Path, tmp_path: Path) -> None:
    network = get_peft_model(
        AutoModelForCausalLM.from_pretrained(llama),
        LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM"),
    )
    network.save_pretrained(tmp_path / "adapter")
    made = (
        "--adapter",
        f"Quill & Ash={tmp_path / 'adapter'}",
        "--locale",
        "de-AT",
        "--locale",
        "de",
        "--precision",
        "fp32",
    )
    result = run(llama, "--out", tmp_path / "out", *made, "--json")
    assert result.exit_code == 0, result.output
    manifest = json.loads(result.stdout)
    assert manifest["locales"] == ["de"]
    assert manifest["adapters"]["files"] == {adapter_name("Quill & Ash"): "adapters/quill-ash.npz"}
