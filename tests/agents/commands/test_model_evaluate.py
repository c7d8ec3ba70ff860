"""`shiftcast model evaluate`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agents.commands.control.model import command
from models.copywriter.registry import builtin_folder
from streams.loud_end import RefusedError


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHIFTCAST_MODEL_DIR", raising=False)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["evaluate", *arguments])


def test_the_current_model_is_measured_and_two_are_set_beside_each_other(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = run(
        "--against", str(builtin_folder()), "--limit", "12", "--variants", "2", "--page", str(page), "--json"
    )
    assert result.exit_code == 0, result.output + repr(result.exception)
    told = json.loads(result.stdout)
    assert (told["briefs"], told["variants"]) == (12, 2)
    ours, theirs = told["models"].values()
    assert ours == theirs, "the same model on the same briefs writes the same"
    assert ours["unsupported"] == ours["length_violations"] == 0
    assert {"locale", "category", "tone", "place"} == set(ours["by"])
    assert page.read_text().count("<section>") == 12


def test_it_prints_tables_for_people(tmp_path: Path) -> None:
    result = run("builtin", "--limit", "6", "--variants", "1")
    assert result.exit_code == 0, result.output
    assert "numbers, prices, brands without a source" in result.stdout
    assert "en-US" in result.stdout
    assert "--page" in result.stdout


def test_own_briefs_and_products_are_read(tmp_path: Path) -> None:
    brief = {
        "request_id": "r",
        "campaign_id": "c",
        "slot": "native",
        "brand": "B",
        "title": "Oak Desk",
        "noun": "desk",
    }
    (tmp_path / "briefs.jsonl").write_text(json.dumps(brief))
    (tmp_path / "products.yaml").write_text(
        "- {name: Oak Desk, style: desk, category: furniture, price: 129.99}\n"
    )
    for source in (["--briefs", "briefs.jsonl"], ["--data", "."]):
        told = json.loads(run("builtin", *source, "--variants", "1", "--json").stdout)
        assert told["briefs"] == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["acme/9"], "shiftcast model list"),
        (["builtin", "--briefs", "none.jsonl"], "one brief per line"),
        (["builtin", "--data", "."], "retail-demo-store"),
    ],
)
def test_mistakes_end_in_one_line(arguments: list[str], says: str) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, RefusedError)
    assert says in str(result.exception)
    assert "\n" not in str(result.exception)


def test_two_sources_of_briefs_are_one_too_many() -> None:
    assert run("--briefs", "a", "--data", "b").exit_code == 2
