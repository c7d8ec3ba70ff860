"""Our loop over the exported graphs walks the way of diffusers: the same latents behind every step, the same
picture, at any size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

diffusers: Any = pytest.importorskip("diffusers", reason="diffusers is not installed (extra `diffusers`)")
pytest.importorskip("torch")

from models.diffusion.folder import DENOISER, graph_files, open_image_folder  # noqa: E402
from models.diffusion.image_model import ImageModel, ImageWish, image_pixels_of  # noqa: E402
from models.export.config import UnsupportedModelError  # noqa: E402
from models.export.folder import FolderError  # noqa: E402
from models.image_export.exporting import ImageOrder, ImageParityError, export_pipeline  # noqa: E402
from models.image_export.reference import checked_wish, theirs  # noqa: E402
from models.model_folder.graph_file import ModelFileError  # noqa: E402
from models.model_folder.manifest import MANIFEST  # noqa: E402
from models.model_folder.session import ProviderError  # noqa: E402
from tests.models.diffusion.tiny_pipelines import large, plain, scheduler  # noqa: E402
from tests.models.export.traced_once import traced_once  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")

ORDER = ImageOrder("tiny", "1", "random", "none")
PIPELINES: dict[str, Any] = {
    "ddim": lambda at: plain(at, scheduler("DDIMScheduler", clip_sample=False, steps_offset=1)),
    "turbo": lambda at: plain(at, scheduler("EulerAncestralDiscreteScheduler", timestep_spacing="trailing")),
    "consistency": lambda at: plain(at, scheduler("LCMScheduler"), time_cond_proj_dim=8),
    "large": lambda at: large(at, scheduler("EulerDiscreteScheduler", steps_offset=1)),
}


@pytest.fixture(scope="module", autouse=True)
def _traced_once() -> Iterator[None]:
    with traced_once():
        yield


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a plain pipeline."""
    out = tmp_path_factory.mktemp("image") / "tiny-1"
    export_pipeline(PIPELINES["ddim"](out.parent / "words"), out, ORDER)
    return out


@pytest.mark.parametrize("kind", PIPELINES)
def test_every_step_is_that_of_diffusers(kind: str, tmp_path: Path) -> None:
    manifest = export_pipeline(PIPELINES[kind](tmp_path / "words"), tmp_path / "tiny-1", ORDER)
    assert 0 < manifest.parity["most_apart"] < 2e-3 and manifest.parity["steps"] == 4
    truth = theirs(PIPELINES[kind](tmp_path / "words"), manifest.spec)
    model = ImageModel.load(tmp_path / "tiny-1", "cpu", 1)
    heard: list[Any] = []
    picture = model.made(checked_wish(model.spec), truth.begun, truth.noise(), heard.append)
    assert len(heard) == len(truth.latents) == 4
    for ours, their in zip(heard, truth.latents, strict=True):
        np.testing.assert_allclose(ours, their, atol=2e-3 * float(their.std()))
    np.testing.assert_allclose(image_pixels_of(picture), truth.picture * 255, atol=1.0)


def test_any_size_and_the_same_picture_for_the_same_seed(written: Path) -> None:
    model = ImageModel.load(written, "cpu", 1)
    wish = ImageWish("a table", "text", 48, 24, steps=2)
    first, again, other = (model.drawn(wish, seed) for seed in (1, 1, 2))
    assert first.shape == (24, 48, 3) and first.dtype == np.uint8
    assert (first == again).all() and (first != other).any()
    assert (model.drawn(ImageWish("a chair", "text", 48, 24, steps=2), 1) != first).any(), (
        "it reads the prompt"
    )


def test_half_precision_walks_the_same_way(tmp_path: Path) -> None:
    half = replace(ORDER, precision="fp16")
    manifest = export_pipeline(PIPELINES["large"](tmp_path / "words"), tmp_path / "tiny-1", half)
    assert 0 < manifest.parity["most_apart"] < 6e-2 and manifest.parity["levels_apart"] < 1


def test_what_is_no_number_is_not_written(tmp_path: Path) -> None:
    pipeline = PIPELINES["ddim"](tmp_path / "words")
    pipeline.unet.conv_out.bias.data.fill_(float("nan"))
    with pytest.raises(ImageParityError, match="latents differ from diffusers' by nan"):
        export_pipeline(pipeline, tmp_path / "out", ORDER)
    assert not (tmp_path / "out").exists()


def test_a_decoder_of_another_picture_is_not_written(tmp_path: Path) -> None:
    pipeline = PIPELINES["ddim"](tmp_path / "words")

    def changed(said: str) -> None:
        if said == "writing the decoder":
            pipeline.vae.decoder.conv_out.bias.data += 0.2

    with pytest.raises(ImageParityError, match="decoded picture differs from diffusers' by"):
        export_pipeline(pipeline, tmp_path / "out", ORDER, changed)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["ddim", "large"])
def test_latents_are_moved_where_diffusers_does_and_watermarks_are_not_compared(
    kind: str, tmp_path: Path
) -> None:
    pipeline = PIPELINES[kind](tmp_path / "words")
    pipeline.watermark = SimpleNamespace(apply_watermark=lambda picture: picture * 0)
    pipeline.vae.register_to_config(latents_mean=[3.0, -2.0, 1.0, 0.5], latents_std=[4.0, 3.0, 2.0, 0.5])
    assert export_pipeline(pipeline, tmp_path / "tiny-1", ORDER).parity["levels_apart"] < 1


def test_a_file_that_differs_is_not_opened(written: Path, tmp_path: Path) -> None:
    for name in graph_files(DENOISER):
        data = (written / name).read_bytes()
        try:
            (written / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
            with pytest.raises(ModelFileError, match="sha256 differs"):
                ImageModel.load(written, "cpu", 1)
        finally:
            (written / name).write_bytes(data)
    with pytest.raises(ModelFileError, match="No such file"):
        open_image_folder(tmp_path)
    (tmp_path / MANIFEST).write_text("{}")
    with pytest.raises(ModelFileError, match="no manifest of a text-to-image model"):
        open_image_folder(tmp_path)


def test_a_processor_that_is_not_there_is_refused(written: Path) -> None:
    with pytest.raises(ProviderError):
        ImageModel.load(written, "cuda", 1)


def test_what_cannot_be_run_or_written_is_said(written: Path, tmp_path: Path) -> None:
    odd = plain(tmp_path / "words", scheduler("HeunDiscreteScheduler"))
    with pytest.raises(UnsupportedModelError, match="HeunDiscreteScheduler: choose one of"):
        export_pipeline(odd, tmp_path / "out", ORDER)
    assert not (tmp_path / "out").exists()
    with pytest.raises(FolderError, match="exists already"):
        export_pipeline(odd, written, ORDER)
