"""Any image encoder exported to ONNX, CLIP and its kind: a folder with `model.onnx` and
`preprocessor_config.json`; beside them `text_model.onnx` and `tokenizer.json`, whose texts lie in the same
space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from PIL import Image
from tokenizers import Tokenizer

from models.arrays import FloatArray

MODEL_FILE: Final = "model.onnx"
CONFIG_FILE: Final = "preprocessor_config.json"
TEXT_FILE: Final = "text_model.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"
MOST_SIDE: Final = 1_024
MOST_TOKENS: Final = 77
_NAMED: Final = ("image_embeds", "text_embeds", "pooler_output")
"""Outputs in the order in which one is taken; else the first."""


class ImageEncoderError(ValueError):
    """The folder holds no image encoder that can be used; the message names the file."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """How a picture becomes what the model takes, as its configuration says."""

    side: int  # of the shorter edge, before the cut
    cut: tuple[int, int]  # width, height
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    scale: float

    @classmethod
    def of(cls, config: dict[str, Any]) -> Preparation:
        """Of a preprocessor_config.json of transformers. Raises KeyError, TypeError, ValueError."""
        size, crop = config["size"], config.get("crop_size", config["size"])
        made = cls(
            _side(size),
            _cut(crop),
            tuple(map(float, config.get("image_mean", (0.0,) * 3))),
            tuple(map(float, config.get("image_std", (1.0,) * 3))),
            float(config.get("rescale_factor", 1 / 255)),
        )
        if not 1 <= made.side <= MOST_SIDE or max(made.cut) > MOST_SIDE or min(made.cut) < 1:
            raise ValueError(f"sizes from 1 to {MOST_SIDE} pixels")
        if len(made.mean) != 3 or len(made.spread) != 3 or 0 in made.spread:
            raise ValueError("image_mean and image_std are of three channels, the latter not 0")
        return made

    def pixels(self, image: Image.Image) -> FloatArray:
        """(1, 3, height, width): the shorter edge to `side`, the middle cut out, each channel normed."""
        ratio = self.side / min(image.size)
        wide, high = (max(round(each * ratio), cut) for each, cut in zip(image.size, self.cut, strict=True))
        scaled = image.convert("RGB").resize((wide, high), Image.Resampling.BICUBIC)
        left, top = (wide - self.cut[0]) // 2, (high - self.cut[1]) // 2
        taken = scaled.crop((left, top, left + self.cut[0], top + self.cut[1]))
        normed = (np.asarray(taken, np.float32) * self.scale - self.mean) / self.spread
        return np.ascontiguousarray(normed.transpose(2, 0, 1)[None], np.float32)


@dataclass(frozen=True, eq=False)
class ImageEncoder:
    """`name` carries the sum of the model file: another file is another space."""

    name: str
    preparation: Preparation
    session: Any
    text_session: Any = None
    tokenizer: Tokenizer | None = None

    @property
    def reads_texts(self) -> bool:
        """Whether texts can be placed beside pictures."""
        return self.text_session is not None

    def of_picture(self, image: Image.Image) -> FloatArray:
        """Unit float32 (e,)."""
        name = self.session.get_inputs()[0].name
        return _unit(_embedded(self.session, {name: self.preparation.pixels(image)}))[0]

    def of_texts(self, texts: Sequence[str]) -> FloatArray:
        """Unit float32 (n, e)."""
        assert self.tokenizer is not None
        return np.concatenate([self._of_text(text) for text in texts])

    def _of_text(self, text: str) -> FloatArray:
        assert self.tokenizer is not None
        tokens = self.tokenizer.encode(text)
        offered = {
            "input_ids": np.array([tokens.ids], np.int64),
            "attention_mask": np.array([tokens.attention_mask], np.int64),
        }
        wanted = {each.name: offered[each.name] for each in self.text_session.get_inputs()}
        return _unit(_embedded(self.text_session, wanted))


def load_image_encoder(folder: Path) -> ImageEncoder:
    """The encoder of a folder. Raises ImageEncoderError."""
    for file in (MODEL_FILE, CONFIG_FILE):
        if not (folder / file).is_file():
            raise ImageEncoderError(
                f"{folder / file} is missing: an image encoder's folder holds {MODEL_FILE} and {CONFIG_FILE}"
            )
    try:
        preparation = Preparation.of(orjson.loads((folder / CONFIG_FILE).read_bytes()))
    except (KeyError, TypeError, ValueError) as error:
        raise ImageEncoderError(f"{folder / CONFIG_FILE}: {type(error).__name__}: {error}") from error
    model = (folder / MODEL_FILE).read_bytes()  # what is hashed is what runs
    texts = (folder / TEXT_FILE).is_file() and (folder / TOKENIZER_FILE).is_file()
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE)) if texts else None
        text_session = session_of((folder / TEXT_FILE).read_bytes()) if texts else None
        session = session_of(model)
    except Exception as error:  # both libraries raise bare exceptions of their own
        raise ImageEncoderError(f"{folder}: {error}") from error
    if tokenizer is not None:
        tokenizer.enable_truncation(MOST_TOKENS)
    name = "onnx:" + sha256(model).hexdigest()[:16]
    return ImageEncoder(name, preparation, session, text_session, tokenizer)


def session_of(model: bytes) -> Any:
    """What runs a model file on the processor."""
    import onnxruntime  # only whoever names a folder needs it

    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def _embedded(session: Any, offered: dict[str, Any]) -> FloatArray:
    outputs = [each.name for each in session.get_outputs()]
    chosen = next((name for name in _NAMED if name in outputs), outputs[0])
    output = np.asarray(session.run([chosen], offered)[0], np.float32)
    return output.mean(axis=1) if output.ndim == 3 else output  # (1, patches, e): their mean


def _unit(rows: FloatArray) -> FloatArray:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)


def _cut(size: Any) -> tuple[int, int]:
    if isinstance(size, dict) and "width" in size:
        return int(size["width"]), int(size["height"])
    return _side(size), _side(size)


def _side(size: Any) -> int:
    if isinstance(size, dict):
        return int(size.get("shortest_edge") or size["height"])
    return int(size)
