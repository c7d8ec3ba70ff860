"""Any sentence encoder exported to ONNX: a folder with `model.onnx` and `tokenizer.json`, on the CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.arrays import FloatArray

MODEL_FILE: Final = "model.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"
MOST_TOKENS: Final = 256
BATCH: Final = 32


class EncoderFolderError(ValueError):
    """The folder holds no sentence encoder that can be used; the message names the file."""


@dataclass(frozen=True, eq=False)
class SentenceEncoder:
    """Texts -> unit float32 (n, e). Its `name` carries the sum of the model file: another file is another
    space."""

    name: str
    session: Any
    tokenizer: Tokenizer

    @property
    def weights(self) -> Mapping[str, NDArray[Any]]:
        return {}

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        # Texts of like length share a batch, so little is padded.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        encoded: FloatArray | None = None
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            vectors = self._batch([texts[i] for i in rows])
            if encoded is None:
                encoded = np.zeros((len(texts), vectors.shape[1]), np.float32)
            encoded[rows] = vectors
        return np.zeros((0, 0), np.float32) if encoded is None else encoded

    def _batch(self, texts: Sequence[str]) -> FloatArray:
        tokens = self.tokenizer.encode_batch(list(texts))
        offered = {
            "input_ids": np.array([t.ids for t in tokens], np.int64),  # (B, T)
            "attention_mask": np.array([t.attention_mask for t in tokens], np.int64),
            "token_type_ids": np.array([t.type_ids for t in tokens], np.int64),
        }
        output = self.session.run(
            None, {each.name: offered[each.name] for each in self.session.get_inputs()}
        )[0]
        if output.ndim == 3:  # (B, T, e) hidden states: mean over the tokens that are not padding
            mask = offered["attention_mask"][:, :, None].astype(np.float32)
            output = (output * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)
        norms = np.linalg.norm(output, axis=1, keepdims=True)
        return np.asarray(output / np.maximum(norms, 1e-12), np.float32)


def load_encoder(folder: Path) -> SentenceEncoder:
    """The encoder of a folder. Raises EncoderFolderError."""
    for file in (MODEL_FILE, TOKENIZER_FILE):
        if not (folder / file).is_file():
            raise EncoderFolderError(
                f"{folder / file} is missing: an encoder folder holds {MODEL_FILE} and {TOKENIZER_FILE}"
            )
    # The bytes that are hashed are the bytes that run; a model that refers to files outside cannot be loaded
    # from bytes.
    model = (folder / MODEL_FILE).read_bytes()
    try:
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    except Exception as error:  # both libraries raise bare exceptions of their own
        raise EncoderFolderError(f"{folder}: {error}") from error
    unknown = {each.name for each in session.get_inputs()} - {"input_ids", "attention_mask", "token_type_ids"}
    if unknown:
        raise EncoderFolderError(
            f"{folder / MODEL_FILE} wants inputs that a sentence encoder has not: "
            f"{', '.join(sorted(unknown))}"
        )
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.enable_padding()
    return SentenceEncoder("onnx:" + sha256(model).hexdigest()[:16], session, tokenizer)
