from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from agents.exposure_log.training_rows import TrainingRows
from agents.model_commands import refresh as model_refresh
from agents.model_commands import train as model_train
from models.copywriter.registry import Registry
from models.corpus.examples import as_shown, write_copy
from models.corpus.made_up import make_up
from models.evaluation import briefs
from models.evaluation.briefs import own_briefs
from models.export.verify import ParityError
from models.preference.log import LoggedCopy, read_log
from models.recipes import builtin, refreshing
from models.training import publish, topics
from models.training.scratch import ModelSizes
from streams.loud_end import RefusedError


def log_file(folder: Path, contexts: int) -> Path:
    """Two creatives for each of some briefs, the first clicked."""
    rng = random.Random(4)
    rows: list[LoggedCopy] = []
    while len(rows) < 2 * contexts:
        made = make_up("en", rng)
        copies = [write_copy(made, rng), write_copy(made, rng)]
        if None in copies:
            continue
        for number, example in enumerate(copies):
            assert example is not None
            brief, copy = as_shown(example, "rq")
            brief = replace(brief, campaign_id=f"c{len(rows) // 2}")
            rows.append(
                LoggedCopy(
                    creative_id=f"cr{len(rows)}",
                    brief=brief,
                    copy=copy,
                    arm=brief.style,
                    propensity=0.5,
                    shown=True,
                    clicked=not number,
                )
            )
    path = folder / "log.jsonl"
    path.write_bytes(b"\n".join(msgspec.json.encode(row) for row in rows))
    return path


def run(command: object, arguments: Sequence[object]) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])  # type: ignore[arg-type]
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_one_command_makes_a_model_folder_from_nothing_that_can_be_tuned_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_small(monkeypatch)
    code, out, err = run(
        model_train.command,
        ["--builtin", "--out", tmp_path / "made", "--steps", 40, "--examples", 600, "--json"],
    )
    assert (code, err) == (0, "")
    figures = json.loads(out)
    assert figures["steps"] == 40
    manifest = json.loads((tmp_path / "made" / "manifest.json").read_text())
    assert (manifest["writing"], manifest["locales"], manifest["recipe"]["examples"]) == (
        "pointers",
        ["en", "de", "zh"],
        600,
    )
    tuned = [
        "--model",
        tmp_path / "made",
        "--examples",
        20,
        "--steps",
        2,
        "--batch",
        4,
        "--out",
        tmp_path / "tuned",
        "--json",
    ]
    code, out, err = run(model_train.command, tuned)
    assert (code, err) == (0, "")
    assert json.loads(out)["kind"] == "supervised"
    assert (tmp_path / "tuned" / "copywriter.json").exists()


def test_a_name_that_cannot_be_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    code, _, err = run(
        model_train.command, ["--builtin", "--out", tmp_path / "made", "--name", "builtin", "--json"]
    )
    assert code == 1
    assert "a model called 'builtin'" in err
    assert list(tmp_path.iterdir()) == []


def test_what_the_gate_refuses_is_not_trained_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)
    arguments = ["--builtin", "--out", tmp_path / "made", "--steps", 3, "--examples", 200, "--json"]
    with monkeypatch.context() as gate:
        gate.setattr(publish, "export_model", refuse)
        code, _, err = run(model_train.command, arguments)
    assert code == 1
    assert "differs" in err
    weights = tmp_path / "made.checkpoint" / "model.safetensors"
    before = weights.stat()
    code, out, err = run(model_train.command, ["--seed", 2, *arguments])
    assert code == 1
    assert "holds a finished model" in err
    code, out, err = run(model_train.command, arguments)
    assert (code, err) == (0, "")
    assert json.loads(out)["steps"] == 3
    assert (weights.stat().st_mtime_ns, weights.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def refuse(*_: object) -> None:
    raise ParityError("decode.w8.onnx differs")


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tiny network and classifier, measured on a few briefs of each language: how well it writes is not the
    point here."""
    monkeypatch.setattr(topics, "_STEPS", 30)
    monkeypatch.setattr(builtin.TrainingRecipe, "__init__", small_recipe(builtin.TrainingRecipe.__init__))
    monkeypatch.setattr(briefs, "own_briefs", lambda languages: own_briefs(languages)[::25])


def small_recipe(original: object) -> object:
    def made(self: object, *args: object, **options: object) -> None:
        original(self, *args, **{**options, "sizes": ModelSizes(800, 64, 1)})  # type: ignore[operator]

    return made


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--model FOLDER"),
        (["--builtin", "--model", "x"], "leave --model out"),
        (["--model", "x", "--method", "dpo"], "give --log FILE"),
        (["--model", "x"], "give --data FILE"),
        (["--model", "nowhere", "--examples", "2"], "there is no config.json"),
    ],
)
def test_what_is_missing_is_said_in_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    code, _, err = run(model_train.command, [*arguments, "--out", tmp_path / "out", "--json"])
    assert code != 0
    assert said in err
    assert "Traceback" not in err


def refresh(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, object], str]:
    monkeypatch.setenv("SHIFTCAST_MODEL_DIR", str(folder / "registry"))
    sizes = ["--steps", 1, "--rules", 0, "--batch", 4, "--briefs", 2, "--variants", 2]
    code, out, err = run(model_refresh.command, ["--log", log_file(folder, 3), *sizes, "--offline"])
    return code, json.loads(out), err


def test_a_refreshed_model_that_is_not_worse_becomes_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "reasons_against", lambda before, after: [])
    code, result, _ = refresh(tmp_path, monkeypatch)
    assert code == 0
    current = Registry(tmp_path / "registry").current()
    assert current.name == "shiftcast-copywriter" == result["name"]
    manifest = json.loads((Registry(tmp_path / "registry").folder(current) / "manifest.json").read_text())
    assert manifest["quality"] == result["after"]
    assert manifest["recipe"]["tuned"]["kind"] == "dpo"


def test_a_refreshed_model_that_is_worse_stays_out_and_the_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "refresh", lambda *_args: {"worse": ["distinct_2 0.7 -> 0.5"]})
    code, result, err = refresh(tmp_path, monkeypatch)
    assert (code, result["announced"]) == (1, False)
    assert "distinct_2 0.7 -> 0.5" in err
    assert Registry(tmp_path / "registry").current().name == "builtin"
    assert not list((tmp_path / "registry").glob("*")) or not list(
        (tmp_path / "registry").glob("*/*/manifest.json")
    )


def test_a_refresh_comes_again_from_the_topic_and_a_round_that_fails_is_waited_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = read_log(log_file(tmp_path, 3).read_bytes().splitlines(), "log.jsonl")
    rounds, waited, taught = iter(range(9)), list[float](), list[int]()

    async def read(_settings: object) -> TrainingRows:
        if next(rounds) == 0:
            raise RefusedError("the topic is not there")
        return TrainingRows({each.creative_id: each for each in logged})

    def refreshed(_what: object, rows: Sequence[LoggedCopy], *_rest: object) -> dict[str, object]:
        taught.append(len(rows))
        return {"worse": ["distinct_2 0.7 -> 0.5"]}

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            raise KeyboardInterrupt

    monkeypatch.setenv("SHIFTCAST_MODEL_DIR", str(tmp_path / "registry"))
    monkeypatch.setattr(model_refresh, "read_training_rows", read)
    monkeypatch.setattr(refreshing, "refresh", refreshed)
    monkeypatch.setattr("agents.model_commands.refresh.time.sleep", sleep)
    code, _, err = run(model_refresh.command, ["--every", 0.5, "--briefs", 2, "--offline"])
    assert code == 1 and waited == [1_800.0] * 3
    assert taught == [6, 6]
    assert "no new model this time: the topic is not there" in err and err.count("stays unpublished") == 2
