from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from models.catalog.fitting import refitted
from models.catalog.space.sentence_encoder import EncoderFolderError, load_encoder
from tests.models.small_catalogue import items

WORDS = ("[PAD]", "[UNK]", "red", "green", "lamp", "chair")


def save(folder: Path, inputs: tuple[str, ...] = ("input_ids", "attention_mask")) -> None:
    """A network that looks each token up in a table of one-hot rows: (B, T) -> (B, T, 6)."""
    table = numpy_helper.from_array(np.eye(len(WORDS), dtype=np.float32), "table")
    given = [helper.make_tensor_value_info(name, TensorProto.INT64, ["B", "T"]) for name in inputs]
    hidden = helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["B", "T", len(WORDS)])
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", inputs[0]], ["hidden"])], "lookup", given, [hidden], [table]
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
        folder / "model.onnx",
    )
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))


def test_texts_become_the_mean_of_their_tokens_whatever_the_padding(tmp_path: Path) -> None:
    save(tmp_path)
    encoder = load_encoder(tmp_path)
    lamp, both = encoder(["lamp", "red green lamp chair"])
    assert np.allclose(lamp, np.eye(6)[4])
    assert np.allclose(both, [0, 0, 0.5, 0.5, 0.5, 0.5])


def test_many_texts_keep_their_order(tmp_path: Path) -> None:
    save(tmp_path)
    texts = [" ".join([WORDS[2 + i % 4]] * (1 + i % 7)) for i in range(100)]
    assert np.array_equal(load_encoder(tmp_path)(texts).argmax(axis=1), [2 + i % 4 for i in range(100)])


def test_the_name_follows_the_model_file(tmp_path: Path) -> None:
    for name, inputs in (("a", ("input_ids", "attention_mask")), ("b", ("input_ids",))):
        (tmp_path / name).mkdir()
        save(tmp_path / name, inputs)
    assert load_encoder(tmp_path / "a").name != load_encoder(tmp_path / "b").name


def test_a_catalogue_can_stand_on_it(tmp_path: Path) -> None:
    save(tmp_path)
    made = refitted(items(40), load_encoder(tmp_path))
    assert made.basis.encoder.startswith("onnx:")
    assert made.basis.weights == {}


def test_a_folder_that_holds_no_encoder_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(EncoderFolderError, match=r"model\.onnx is missing"):
        load_encoder(tmp_path)
    save(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(EncoderFolderError, match=str(tmp_path)):
        load_encoder(tmp_path)


def test_a_model_with_other_inputs_is_refused(tmp_path: Path) -> None:
    save(tmp_path, ("pixels",))
    with pytest.raises(EncoderFolderError, match="pixels"):
        load_encoder(tmp_path)
