"""`shiftcast model read`: sheets for people, and what filled ones say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agents.commands.control.model import command
from streams.loud_end import RefusedError


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHIFTCAST_MODEL_DIR", raising=False)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["read", *arguments])


def fill(sheet: Path, good: set[str]) -> None:
    """As a reader does who takes those with these ids."""
    entries = [json.loads(line) for line in sheet.read_text().splitlines()]
    filled = [{**entry, "publishable": entry["id"] in good, "reason": "dull"} for entry in entries]
    sheet.write_text("".join(json.dumps(each) + "\n" for each in filled))


def test_a_sheet_of_the_current_model_is_written_filled_and_scored(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.jsonl"
    result = run("builtin", "--sheet", str(sheet), "--limit", "12", "--known", "4")
    assert result.exit_code == 0, result.output + repr(result.exception)
    entries = [json.loads(line) for line in sheet.read_text().splitlines()]
    assert 8 < len(entries) <= 20
    assert set(entries[0]) == {"id", "brief", "headline", "body", "cta"}
    secrets = [json.loads(line) for line in (tmp_path / "sheet.key.jsonl").read_text().splitlines()]
    fill(sheet, {each["id"] for each in secrets if each["piece"]["publishable"]})
    told = json.loads(run("--score", str(sheet), "--json").stdout)[str(sheet)]
    assert told["counts"] and told["missing"] == 0
    (share,) = told["publishable"].values()
    assert share["share"] == 0 and share["high"] < 0.35
    shown = run("--score", str(sheet)).stdout
    assert "the reading counts" in shown and "dull" in shown


def test_a_reader_who_takes_everything_does_not_count(tmp_path: Path) -> None:
    copies = tmp_path / "copies.jsonl"
    brief = {
        "request_id": "r",
        "campaign_id": "c",
        "slot": "text",
        "brand": "B",
        "title": "Oak Desk",
        "noun": "desk",
    }
    copy = {"headline": "An oak desk", "description": "Room for both elbows.", "cta": "Shop now"}
    copies.write_text(json.dumps({"source": "pool", "brief": brief, "copy": copy}))
    sheet = tmp_path / "s.jsonl"
    assert run("--copies", str(copies), "--sheet", str(sheet), "--known", "3").exit_code == 0
    fill(sheet, {json.loads(line)["id"] for line in sheet.read_text().splitlines()})
    told = json.loads(run("--score", str(sheet), "--json").stdout)[str(sheet)]
    assert told["publishable"]["pool"]["share"] == 1 and not told["counts"]
    assert "does not count" in run("--score", str(sheet)).stdout


def test_what_cannot_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    assert "--sheet FILE to write" in run().output
    for arguments, said in (
        (("--score", "none.jsonl"), "No such file"),
        (("--copies", "none.jsonl", "--sheet", "s.jsonl"), "No such file"),
    ):
        result = run(*arguments)
        assert isinstance(result.exception, RefusedError) and said in str(result.exception)
    sheet = tmp_path / "broken.jsonl"
    sheet.write_text('{"id": "a"}\n')
    (tmp_path / "broken.key.jsonl").write_text("")
    refused = run("--score", str(sheet)).exception
    assert isinstance(refused, RefusedError) and "line 1" in str(refused) and "publishable" in str(refused)
