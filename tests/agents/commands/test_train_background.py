"""`shiftcast model train-background` as a person types it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

pytest.importorskip("torch", reason="torch is not installed (extra `train`)")

from agents.commands.control.model import command
from agents.photos.cache import PhotoCache
from agents.rendering.grounds import Grounds, backgrounds_of
from models.training.curves import FOLDER
from streams.settings import Settings


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, ["train-background", *map(str, arguments)])


def test_a_folder_that_renderers_paint_with_is_made_in_one_command(tmp_path: Path) -> None:
    out = tmp_path / "made"
    result = run("--out", out, "--steps", 1, "--batch", 1, "--json")
    assert result.exit_code == 0, result.output
    told = orjson.loads(result.output.splitlines()[-1])
    assert told["kind"] == "background" and told["recipe"]["steps"] == 1
    assert isinstance(
        backgrounds_of(Settings(image_model_dir=out), PhotoCache(tmp_path), lambda: None), Grounds
    )
    assert any((out / FOLDER).iterdir()), "curves"
    again = run("--out", out, "--steps", 1, "--batch", 1)
    assert again.exit_code == 1 and "choose another --out" in again.output


@pytest.mark.parametrize("seed", [-1, 2**32, 100_000_000_000_000])
def test_a_seed_that_no_generator_takes_is_refused_as_an_option(tmp_path: Path, seed: int) -> None:
    result = run("--out", tmp_path / "made", "--seed", seed, "--steps", 1)
    assert result.exit_code == 2 and "0<=x<=4294967295" in result.output


def test_the_largest_seed_is_trained_with(tmp_path: Path) -> None:
    result = run("--out", tmp_path / "made", "--seed", 2**32 - 1, "--steps", 1, "--batch", 1)
    assert result.exit_code == 0, result.output


def test_a_name_that_no_folder_can_have_is_refused(tmp_path: Path) -> None:
    result = run("--out", tmp_path / "made", "--name", "../x")
    assert result.exit_code == 1 and "Traceback" not in result.output and not (tmp_path / "made").exists()
