"""A diffusers pipeline -> a folder of graphs, written only if it walks the same way step by step."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from models.diffusion.folder import KIND, ImageManifest, ImageSpec, tokenizer_file
from models.diffusion.image_model import ImageModel
from models.export.folder import check_free
from models.file_sum import sha256_of
from models.image_export.configuration import spec_of
from models.image_export.graphs import write_graphs
from models.image_export.reference import Truth, checked_wish, theirs
from models.image_export.walkable import check_walk
from models.model_folder.manifest import MANIFEST

SayLine = Callable[[str], None]
_MOST_APART = {"fp32": 2e-3, "fp16": 6e-2}
"""Of latents behind any step, in their standard deviation."""
_MOST_LEVELS = 1.0
"""Of the decoded picture, in its 255 levels: one rounding. The decoder stays fp32 at every precision."""


class ImageParityError(RuntimeError):
    """The graphs do not walk the pipeline's way."""


@dataclass(frozen=True)
class ImageOrder:
    """A folder to write; `steps` and `guidance` None: as models of its kind are run."""

    name: str
    version: str
    parent: str
    licence: str
    precision: str = "fp32"
    steps: int | None = None
    guidance: float | None = None
    threads: int = 1


def export_pipeline(
    pipeline: Any, out: Path, wanted: ImageOrder, say: SayLine = lambda _: None
) -> ImageManifest:
    """Writes the folder `out`, whole or not at all. Raises UnsupportedModelError, ImageParityError,
    FolderError, OrderError."""
    check_free(out)
    spec = spec_of(pipeline, wanted.steps, wanted.guidance)
    check_walk(spec.schedule, spec.steps)
    truth = theirs(pipeline, spec)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as beside:
        building = Path(beside) / out.name
        building.mkdir()
        _write(pipeline, spec, wanted, building, say)
        manifest = _manifest(building, spec, wanted, {})
        say("comparing with diffusers")
        model = ImageModel.load(building, "cpu", wanted.threads)
        manifest = _manifest(building, spec, wanted, _parity(model, truth, wanted))
        building.rename(out)
    return manifest


def _write(pipeline: Any, spec: ImageSpec, wanted: ImageOrder, building: Path, say: SayLine) -> None:
    if wanted.precision == "fp16":
        for part in (pipeline.unet, *(getattr(pipeline, each.name) for each in spec.encoders)):
            part.half()
    for each in write_graphs(pipeline, spec, building):
        say(f"writing the {each}")
    for encoder in spec.encoders:
        tokenizer = getattr(pipeline, encoder.name.replace("text_encoder", "tokenizer"))
        text = tokenizer.backend_tokenizer.to_str()
        (building / tokenizer_file(encoder.name)).write_text(text, encoding="utf-8")


def _manifest(building: Path, spec: ImageSpec, wanted: ImageOrder, parity: dict[str, float]) -> ImageManifest:
    files = {each.name: sha256_of(each) for each in sorted(building.iterdir()) if each.name != MANIFEST}
    made = ImageManifest(
        wanted.name, wanted.version, wanted.parent, wanted.licence, wanted.precision, spec, files, parity,
        kind=KIND,
    )  # fmt: skip
    text = msgspec.json.format(msgspec.json.encode(made), indent=1)
    (building / MANIFEST).write_bytes(text + b"\n")
    return made


def _parity(model: ImageModel, truth: Truth, wanted: ImageOrder) -> dict[str, float]:
    """What the manifest says of the comparison. Raises ImageParityError."""
    apart, levels = _apart(model, truth), _levels_apart(model, truth)
    most = _MOST_APART[wanted.precision]
    if not apart <= most:  # whatever is compared with NaN is false
        raise ImageParityError(
            f"{wanted.name}: latents differ from diffusers' by {apart:.1e} of their deviation; at most "
            f"{most:.0e}: nothing is written"
        )
    if not levels <= _MOST_LEVELS:
        raise ImageParityError(
            f"{wanted.name}: the decoded picture differs from diffusers' by {levels:.1f} of 255 levels; at "
            f"most {_MOST_LEVELS:.0f}: nothing is written"
        )
    return {"steps": len(truth.latents), "most_apart": apart, "levels_apart": levels}


def _apart(model: ImageModel, truth: Truth) -> float:
    """NaN where any is NaN, as max() of Python would not be."""
    heard: list[Any] = []
    model.made(checked_wish(model.spec), truth.begun, truth.noise(), heard.append)
    pairs = zip(heard, truth.latents, strict=True)
    return float(np.max([np.abs(ours - their).max() / their.std() for ours, their in pairs]))


def _levels_apart(model: ImageModel, truth: Truth) -> float:
    """Of the same latents decoded, so that it tells of the decoder alone."""
    shares = np.clip(model.decoded(truth.latents[-1]) / 2 + 0.5, 0, 1)
    return float(np.abs(shares.transpose(1, 2, 0) - truth.picture).max() * 255)
