"""`shiftcast model export --kind image` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

pytest.importorskip("diffusers", reason="diffusers is not installed (extra `diffusers`)")

from agents.model_commands.export import command
from models.diffusion.image_model import ImageModel, ImageWish
from tests.models.diffusion.tiny_pipelines import plain, scheduler

pytestmark = pytest.mark.filterwarnings("ignore")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [*map(str, arguments), "--kind", "image"])


def test_a_pipeline_becomes_a_folder_that_draws(tmp_path: Path) -> None:
    source, out = tmp_path / "pipeline", tmp_path / "tiny-1"
    plain(tmp_path / "words", scheduler("LCMScheduler")).save_pretrained(source)
    result = run(source, "--out", out, "--steps", 2, "--guidance", 1, "--licence", "none")
    assert result.exit_code == 0, result.output
    assert "4 steps as diffusers takes them" in result.output
    assert f"SHIFTCAST_IMAGE_MODEL_DIR={out}" in result.output
    model = ImageModel.load(out, "cpu", 1)
    assert (model.spec.steps, model.spec.guidance) == (2, 1.0)
    assert model.drawn(ImageWish("a table", "text", 32, 32), 1).shape == (32, 32, 3)
    again = run(source, "--out", out)
    assert again.exit_code == 1 and "exists already" in again.output


@pytest.mark.parametrize("asked", [["w8"], ["w4"], ["bf16"], ["fp32", "fp16"]])
def test_a_precision_that_images_do_not_have_is_refused(asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("{}")
    result = run(tmp_path, *(word for each in asked for word in ("--precision", each)))
    assert result.exit_code == 1
    assert f"an image model in {', '.join(asked)}: type one --precision of fp32, fp16" in result.output


def test_steps_that_cannot_be_walked_are_refused_with_those_that_can(tmp_path: Path) -> None:
    source = tmp_path / "pipeline"
    plain(tmp_path / "words", scheduler("LCMScheduler")).save_pretrained(source)
    result = run(source, "--out", tmp_path / "out", "--steps", 60)
    assert result.exit_code == 1 and not (tmp_path / "out").exists()
    assert result.output.splitlines()[-1].endswith("training steps: type --steps 50")


def test_what_is_no_pipeline_is_refused_in_one_line(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "no folder of a diffusers pipeline" in result.output and "hf download" in result.output
