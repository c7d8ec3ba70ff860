"""A GGUF file gives the weights, tokens and text that transformers reads out of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind
from onnx import numpy_helper
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from models.export.fused import build_fused_graph
from models.export.quantise import quantise
from models.gguf.blocks import own_blocks
from models.gguf.converting import ConversionPlan, convert
from models.gguf.reading import GgufError, read_gguf
from models.model_folder.session import open_folder, open_session
from tests.models.export.checkpoints import LINES, tokenizer
from tests.models.gguf.small_files import write_gguf


@pytest.mark.parametrize("kind", [Kind.Q4_0, Kind.Q4_1, Kind.Q8_0, Kind.F16])
def test_weights_are_those_that_transformers_reads(tmp_path: Path, kind: Kind) -> None:
    path = write_gguf(tmp_path / "small.gguf", kind)
    expected = AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file=path.name, dtype=torch.float32)
    state = expected.state_dict()
    found = read_gguf(path).weights()
    assert set(found) == set(state) - {"lm_head.weight"}
    for name, weight in found.items():
        np.testing.assert_array_equal(weight, state[name].numpy(), name)


def test_tokens_are_those_of_the_tokenizer_it_was_written_with(tmp_path: Path) -> None:
    made, original = read_gguf(write_gguf(tmp_path / "small.gguf")), tokenizer()
    found = Tokenizer.from_str(made.tokenizer.decode())
    for line in (*LINES, "naïve café 東京 2049", "  two  spaces\n"):
        ids = found.encode(line).ids
        assert ids == original.encode(line).ids
        assert found.decode(ids) == line
    assert (made.spec.eos, made.spec.tied, made.licence) == ((2,), True, "apache-2.0")


def test_digits_stand_alone_where_the_header_says_so(tmp_path: Path) -> None:
    made = read_gguf(write_gguf(tmp_path / "small.gguf", more={"pre": "smollm"}))
    found = Tokenizer.from_str(made.tokenizer.decode())
    assert [found.decode([each]) for each in found.encode("2049").ids] == ["2", "0", "4", "9"]


@pytest.mark.parametrize("kind", [Kind.Q4_0, Kind.Q4_1, Kind.Q8_0])
def test_no_weight_is_rounded_twice(tmp_path: Path, kind: Kind) -> None:
    """Codes, scales and minima of every product give the file's own weights back."""
    model = read_gguf(write_gguf(tmp_path / "small.gguf", kind))
    own = own_blocks(model)
    graph = build_fused_graph(model.spec, model.weights())
    stored = {tensor.name: tensor for tensor in graph.graph.initializer}
    assert set(own) == {"embedding"} | {
        f"l{i}.{p}.w" for i in range(2) for p in ("qkv", "o", "gate", "up", "down")
    }
    for name, blocks in own.items():
        codes = blocks.codes
        if blocks.bits == 4:
            codes = np.stack([codes & 15, codes >> 4], 3).reshape(*codes.shape[:2], -1)
        rest = 0 if blocks.minima is None else blocks.minima[:, :, None]
        middle = 1 << (blocks.bits - 1)
        values = (codes.astype(np.float32) - middle) * blocks.scales.reshape(*codes.shape[:2], 1) + rest
        weight = numpy_helper.to_array(stored[name])
        expected = weight if name == "embedding" else weight.T
        np.testing.assert_allclose(values.reshape(expected.shape), expected, atol=1e-6, err_msg=name)


@pytest.mark.parametrize(("kind", "bits"), [(Kind.Q4_1, 4), (Kind.Q4_0, 4), (Kind.Q8_0, 8)])
def test_the_graph_with_the_files_blocks_computes_what_float32_computes(
    tmp_path: Path, kind: Kind, bits: int
) -> None:
    """Also with an embedding that is read from the head's blocks; activations of 8 bits are what differs."""
    model = read_gguf(write_gguf(tmp_path / "small.gguf", kind))
    exact = build_fused_graph(model.spec, model.weights())
    small = quantise(exact, bits, own_blocks(model), embedding=True)
    assert "embedding" not in {tensor.name for tensor in small.graph.initializer}
    ids = np.array([[5, 17, 40, 63]])
    feed = {
        "input_ids": ids,
        "seqlens_k": np.array([3], np.int32),
        "total_sequence_length": np.array(4, np.int32),
        "last": np.array([[3]]),
        **{
            f"past_{part}_{layer}": np.zeros((1, 2, 8, 16), np.float32)
            for layer in range(2)
            for part in ("key", "value")
        },
    }
    told = []
    for graph in (exact, small):
        logits, tops = open_session(graph.SerializeToString(), "cpu", 1).run(["top_logits", "top_ids"], feed)
        told.append(dict(zip(tops[0].tolist(), logits[0].tolist(), strict=True)))
    both = sorted(set(told[0]) & set(told[1]))
    assert len(both) > 50
    first, second = (np.array([each[token] for token in both]) for each in told)
    assert np.abs(first - second).max() < 0.03 * np.abs(first).max()


def test_a_folder_is_written_that_the_generator_opens(tmp_path: Path) -> None:
    model = read_gguf(write_gguf(tmp_path / "small.gguf"))
    manifest = convert(model, tmp_path / "out", ConversionPlan("small", "1", "w4", ("en",), "small.gguf"))
    folder = open_folder(tmp_path / "out")
    assert folder.variant("cpu").decode == "decode.w4.onnx"
    found = manifest["parity"]["graphs"]["decode.w4.onnx"]
    assert 0 <= found["loss_increase"] <= 0.05
    assert manifest["licence"] == "apache-2.0"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"architecture": "mamba"}, "its architecture is mamba"),
        ({"without": "blk.1.ffn_up.weight"}, r"it lacks model\.layers\.1\.mlp\.up_proj\.weight"),
        ({"without": "block_count"}, r"its header lacks llama\.block_count"),
        ({"more": {"pre": "tekken"}}, "its tokenizer is gpt2/tekken"),
    ],
)
def test_what_cannot_be_converted_is_named(tmp_path: Path, wrong: dict[str, object], said: str) -> None:
    with pytest.raises(GgufError, match=said):
        read_gguf(write_gguf(tmp_path / "small.gguf", **wrong))  # type: ignore[arg-type]


def test_a_file_that_is_cut_or_none_at_all_is_refused_in_one_line(tmp_path: Path) -> None:
    whole = write_gguf(tmp_path / "small.gguf").read_bytes()
    for data in (whole[: len(whole) // 2], whole[:3], b"not a model at all, but long enough to be read"):
        path = tmp_path / "cut.gguf"
        path.write_bytes(data)
        with pytest.raises(GgufError, match="no GGUF file that can be read"):
            read_gguf(path)
