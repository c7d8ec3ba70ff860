"""What `shiftcast check` says of the environment and this machine, and what it says to type."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from agents.checks.copywriters import copywriter_findings
from agents.checks.machine import machine_findings, variable_findings
from agents.commands.wire.check import command
from models.copywriter.registry import Registry
from models.release import Release
from streams.artifacts.announcements import CURRENT, SHADOW, Announced
from streams.settings import Settings


@pytest.mark.parametrize(
    ("name", "meant"),
    [("SHIFTCAST_COOLDOWN", "SHIFTCAST_COOLDOWN_MS"), ("SHIFTCAST_PARTITION", "SHIFTCAST_PARTITIONS")],
)
def test_a_misspelt_variable_names_the_nearest_right_one(name: str, meant: str) -> None:
    [found] = variable_findings({name: "3", "PATH": "/bin"})
    assert (found.level, found.subject, found.repair) == ("error", name, f"did you mean {meant}?")


def test_a_variable_like_no_other_is_to_be_unset() -> None:
    [found] = variable_findings({"SHIFTCAST_ZZZZ": "1"})
    assert found.repair == "unset SHIFTCAST_ZZZZ"


def test_right_names_secret_files_and_the_data_folder_are_fine() -> None:
    assert (
        variable_findings(
            {
                "SHIFTCAST_PAGE_TOKEN_FILE": "/run/token",
                "SHIFTCAST_DATA": "data",
                "KAFKA_BROKER": "a:1",
                "HOME": "/",
            }
        )
        == []
    )
    assert len(variable_findings({"SHIFTCAST_PAGE_PORT_FILE": "/run/port"})) == 1


def levels(settings: Settings) -> dict[str, str]:
    return {each.subject: each.level for each in machine_findings(settings)}


def test_a_stub_copywriter_is_no_secret() -> None:
    assert levels(Settings(copywriter="stub:5"))["model"] == "warning"


def test_a_placeholder_among_addresses_of_creatives_is_warned_of() -> None:
    wrong = levels(Settings(assets_url="https://pictures.shop.example/"))
    assert wrong["SHIFTCAST_ASSETS_URL"] == "warning"
    for settings in (Settings(), Settings(assets_url="https://cdn.shop-example.com/p/")):
        assert "SHIFTCAST_ASSETS_URL" not in levels(settings)


def test_a_model_folder_without_a_manifest_or_with_a_changed_file_is_an_error(tmp_path: Path) -> None:
    assert levels(Settings(model_dir=tmp_path))["model"] == "error"
    (tmp_path / "manifest.json").write_text(json.dumps({"shape": {}, "files": {"model.onnx": "0" * 64}}))
    assert levels(Settings(model_dir=tmp_path))["model"] == "error"


def test_an_announced_copywriter_that_is_not_here_is_an_error(tmp_path: Path) -> None:
    settings, registry = Settings(model_dir=tmp_path), Registry(tmp_path)
    here, gone = Announced(registry.find("builtin"), 1), Announced(Release("acme", "9", "0" * 64), 2)
    fine, missing = copywriter_findings(settings, {CURRENT: here, SHADOW: gone})
    assert (fine.level, missing.level) == ("ok", "error")
    assert "acme/9 is announced as shadow" in missing.text and "shiftcast model rollback" in missing.repair
    assert copywriter_findings(Settings(copywriter="stub:1"), {CURRENT: gone}) == []


def test_the_built_in_model_is_whole_and_the_packages_are_the_pinned_ones() -> None:
    found = levels(Settings())
    assert found["model"] == "ok" and found["packages"] == "ok"


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert levels(Settings(data_dir=tmp_path / "file" / "state"))["data folder"] == "error"
    assert levels(Settings(data_dir=tmp_path / "new" / "state"))["data folder"] == "ok"


def test_without_a_broker_it_exits_1_and_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BROKER", "127.0.0.1:1")
    run = CliRunner().invoke(command, ["--json"])
    report = json.loads(run.output)
    [broker] = [each for each in report["findings"] if each["subject"] == "broker"]
    assert run.exit_code == 1 and report["errors"] == 1
    assert broker["level"] == "error" and broker["repair"] == "shiftcast broker start"


def test_a_wrong_setting_is_a_finding_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIFTCAST_PARTITIONS", "many")
    run = CliRunner().invoke(command, [])
    assert (
        run.exit_code == 1 and "SHIFTCAST_PARTITIONS is 'many'" in run.output and "1 to repair" in run.output
    )
