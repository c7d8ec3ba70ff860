"""Image encoders of users: prepared as their configuration says, proven on a tiny random model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from models.catalog.space.encoder import fit_encoder
from models.item import Item
from models.material.image_encoder import ImageEncoderError, Preparation, load_image_encoder
from models.material.nearness import near_by_sight, near_by_words

SIDE = 8
CONFIG = {
    "size": {"shortest_edge": SIDE},
    "crop_size": {"height": SIDE, "width": SIDE},
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "rescale_factor": 1 / 255,
}
EMBEDDED = 6


def _saved(
    path: Path, nodes: list[onnx.NodeProto], given: onnx.ValueInfoProto, weights: dict[str, object]
) -> None:
    out = helper.make_tensor_value_info("embeds", TensorProto.FLOAT, [1, EMBEDDED])
    held = [numpy_helper.from_array(np.asarray(each), name) for name, each in weights.items()]
    graph = helper.make_graph(nodes, "tiny", [given], [out], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, str(path))


def folder_of_encoder(folder: Path) -> Path:
    """A picture is its mean colour times a random matrix; a word has a row of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((3, EMBEDDED)).astype(np.float32)
    pixels = helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, [1, 3, SIDE, SIDE])
    nodes = [
        helper.make_node("ReduceMean", ["pixel_values"], ["mean"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["mean", "mixing"], ["embeds"]),
    ]
    _saved(folder / "model.onnx", nodes, pixels, {"mixing": mixing})
    mean, spread = np.array(CONFIG["image_mean"]), np.array(CONFIG["image_std"])
    colours = (np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1]]) - mean) / spread  # unknown, red, blue
    rows = (colours @ mixing).astype(np.float32)
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "words"])
    words = [
        helper.make_node("Gather", ["rows", "input_ids"], ["each"]),
        helper.make_node("ReduceMean", ["each"], ["embeds"], axes=[1], keepdims=0),
    ]
    _saved(folder / "text_model.onnx", words, ids, {"rows": rows})
    tokenizer = Tokenizer(WordLevel({"?": 0, "red": 1, "blue": 2}, unk_token="?"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps(CONFIG))
    return folder


def test_pixels_are_cut_from_the_middle_and_normed_as_the_configuration_says() -> None:
    image = Image.new("RGB", (40, 20), "black")
    image.paste("white", (10, 0, 30, 20))
    pixels = Preparation.of(CONFIG).pixels(image)
    assert pixels.shape == (1, 3, SIDE, SIDE)
    white = (1 - np.array(CONFIG["image_mean"])) / np.array(CONFIG["image_std"])
    assert np.allclose(pixels[0, :, 4, 4], white, atol=1e-5)


def test_a_picture_lies_beside_the_word_for_it(tmp_path: Path) -> None:
    encoder = load_image_encoder(folder_of_encoder(tmp_path))
    red, blue = (encoder.of_picture(Image.new("RGB", (30, 20), each)) for each in ("red", "blue"))
    texts = encoder.of_texts(["red", "blue"])
    assert abs(float(np.linalg.norm(red)) - 1) < 1e-5
    assert np.allclose(red @ texts[0], 1, atol=1e-4)
    items = [Item("r", "red", "", ""), Item("b", "blue", "", "")]
    near = near_by_sight(np.stack([red, blue]), texts, items)
    assert [max(each, key=each.__getitem__) for each in near] == ["r", "b"]


def test_a_folder_that_lacks_a_file_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ImageEncoderError, match=r"model\.onnx is missing"):
        load_image_encoder(tmp_path)
    folder_of_encoder(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text('{"size": 8, "image_std": [1, 0, 1]}')
    with pytest.raises(ImageEncoderError, match="image_std"):
        load_image_encoder(tmp_path)


def test_captions_are_near_the_items_that_they_are_about_in_the_space_of_the_catalogue() -> None:
    things = ("running shoes", "garden chair", "steel kettle", "reading lamp")
    items = [
        Item(f"i{n}{m}", f"{each} model {m}", "", each) for n, each in enumerate(things) for m in range(4)
    ]
    encoder = fit_encoder([f"{each.title} {each.noun}" for each in items], seed=0)
    shoes, nothing = near_by_words(["a pair of running shoes", ""], items, encoder)
    assert {each[:2] for each in shoes} == {"i0"}
    assert nothing == {}
