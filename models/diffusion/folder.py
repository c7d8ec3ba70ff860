"""The folder of a text-to-image model: what its manifest says, and its graphs, each file checked before it is
opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import onnxruntime as ort
from tokenizers import Tokenizer

from models.diffusion.schedule import Schedule
from models.model_folder.graph_file import ModelFileError
from models.model_folder.manifest import MANIFEST, checked_file, read_manifest
from models.model_folder.session import open_session

SCHEMA: Final = 1
KIND: Final = "image"
DENOISER: Final = "denoiser"
DECODER: Final = "decoder"
_AGAIN: Final = "write the folder again with `shiftcast model export FOLDER --kind image`"


class PromptEncoder(msgspec.Struct, frozen=True):
    """One that reads the prompt: `tokens` it takes, `pad`: the token that fills them up, `pooled`: it also
    tells the whole prompt in one vector."""

    name: str
    tokens: int
    pad: int
    pooled: bool = False


class ImageSpec(msgspec.Struct, frozen=True):
    """`shrink`: pixels per latent, `side`: of the pictures it was trained on, `steps` and `guidance`: as it
    is run unless told otherwise, `guided_width`: of the vector that tells guidance to a distilled model (0 =
    guidance is a second prediction), `sized`: it is told the picture's size."""

    encoders: list[PromptEncoder]
    schedule: Schedule
    channels: int
    shrink: int
    side: int
    steps: int
    guidance: float
    guided_width: int = 0
    sized: bool = False


class ImageManifest(msgspec.Struct, frozen=True):
    """Of a folder; `files`: sha256 by name."""

    name: str
    version: str
    parent: str
    licence: str
    precision: str
    spec: ImageSpec
    files: dict[str, str]
    parity: dict[str, float]
    schema: int = SCHEMA
    kind: str = KIND


@dataclass(frozen=True, slots=True)
class ImageFolder:
    """A folder whose manifest was read."""

    folder: Path
    manifest: ImageManifest
    name: str
    """A hash of the manifest: names the model in what it makes."""

    def session(self, graph: str, provider: str, threads: int) -> ort.InferenceSession:
        """A graph, its tensors beside it. Raises ModelFileError, ProviderError."""
        file, tensors = graph_files(graph)
        data = self._checked(file).read_bytes()
        self._checked(tensors)
        return open_session(data, provider, threads, traced=True, tensors=self.folder / tensors)

    def tokenizer(self, encoder: PromptEncoder) -> Tokenizer:
        """Of an encoder. Raises ModelFileError."""
        made = Tokenizer.from_file(str(self._checked(tokenizer_file(encoder.name))))
        made.enable_truncation(encoder.tokens)
        made.enable_padding(length=encoder.tokens, pad_id=encoder.pad)
        return made

    def _checked(self, name: str) -> Path:
        return checked_file(self.folder / name, self.manifest.files.get(name), _AGAIN)


def graph_files(graph: str) -> tuple[str, str]:
    """File of a graph, and that of its tensors."""
    return f"{graph}.onnx", f"{graph}.tensors"


def tokenizer_file(encoder: str) -> str:
    """Of the tokenizer of an encoder."""
    return f"{encoder}.tokenizer.json"


def open_image_folder(folder: Path) -> ImageFolder:
    """Raises ModelFileError in one line."""
    manifest, name = read_manifest(folder, ImageManifest, "a text-to-image model", _AGAIN)
    if manifest.kind != KIND or manifest.schema != SCHEMA:
        raise ModelFileError(
            f"{folder / MANIFEST}: {manifest.kind} of schema {manifest.schema}, not {KIND} of {SCHEMA}"
        )
    return ImageFolder(folder, manifest, name)
