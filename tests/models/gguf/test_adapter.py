"""What a model was taught is added when it is converted, or nothing is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.gguf.adapter import AdapterError, LowRank, TaughtAdapter, read_adapter, taught, write_adapter
from models.gguf.converting import ConversionPlan, convert
from models.gguf.reading import GgufModel, read_gguf
from models.model_folder.session import open_folder
from tests.models.gguf.small_files import HIDDEN, LAYERS, WIDTH, write_gguf

CARD = {
    "version": "2", "writing": "ads", "locales": ["en"], "temperature": 0.8, "floor": 0.1, "quality": {},
    "recipe": {"kind": "LoRA"},
}  # fmt: skip
NAME = f"model.layers.{LAYERS - 1}.mlp.up_proj.weight"


def adapter(outputs: int = HIDDEN) -> TaughtAdapter:
    rng = np.random.default_rng(2)
    inner, out = (rng.normal(0, 0.3, size).astype(np.float16) for size in ((2, WIDTH), (outputs, 2)))
    return TaughtAdapter({NAME: LowRank(inner, out)}, CARD)


@pytest.fixture
def model(tmp_path: Path) -> GgufModel:
    return read_gguf(write_gguf(tmp_path / "small.gguf"))


def test_a_taught_weight_is_the_files_and_what_was_learnt(model: GgufModel) -> None:
    made, known = adapter(), model.weights()
    found = taught(model, made).weights()
    weight = made.weights[NAME]
    change = weight.out.astype(np.float32) @ weight.inner.astype(np.float32)
    assert np.allclose(found[NAME], known[NAME] + change)
    assert all(np.array_equal(found[name], known[name]) for name in known if name != NAME)


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    write_adapter(tmp_path / "taught.npz", adapter())
    found = read_adapter(tmp_path / "taught.npz")
    assert found.card == CARD
    assert np.array_equal(found.weights[NAME].inner, adapter().weights[NAME].inner)
    (tmp_path / "taught.npz").write_bytes(b"PK")
    with pytest.raises(AdapterError, match="restore the file"):
        read_adapter(tmp_path / "taught.npz")


def test_what_was_taught_to_another_model_is_refused(model: GgufModel) -> None:
    with pytest.raises(AdapterError, match="the model does not have"):
        taught(model, adapter(HIDDEN + 1))


def test_at_four_bits_a_taught_weight_keeps_what_it_learnt(model: GgufModel, tmp_path: Path) -> None:
    small = ConversionPlan("small", "2", "w4", ("en",), "small.gguf", adapter=adapter())
    manifest = convert(model, tmp_path / "out", small)
    found = manifest["parity"]["graphs"]["decode.w4.onnx"]
    assert 0 <= found["loss_increase"] <= 0.05
    folder = open_folder(tmp_path / "out")
    assert (folder.manifest["writing"], folder.manifest["temperature"]) == ("ads", 0.8)
    plain = convert(model, tmp_path / "plain", replace(small, adapter=None))
    sizes = [(tmp_path / name / "decode.w4.onnx").stat().st_size for name in ("out", "plain")]
    assert sizes[0] - sizes[1] >= 0.25 * HIDDEN * WIDTH  # 8 bits instead of 4
    assert plain["recipe"] == {}
