from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from models.export.fused import build_fused_graph
from models.export.quantise import quantise, quantise_weight
from models.model_folder.session import open_session
from tests.models.decoder.reference import SPEC, greedy, last_logits, random_weights

STEPS = 24


def ragged_prompts() -> list[list[int]]:
    rng = np.random.default_rng(3)
    return [rng.integers(0, SPEC.vocabulary, length).tolist() for length in (5, 17, 9, 30, 3)]


def test_float_graph_computes_what_the_reference_computes_over_prefill_and_24_steps() -> None:
    weights, prompts = random_weights(1), ragged_prompts()
    model = build_fused_graph(SPEC, weights)
    onnx.checker.check_model(model)
    logits, tokens = greedy(model.SerializeToString(), prompts, STEPS)
    for row, prompt in enumerate(prompts):
        ids = list(prompt)
        for step in range(STEPS):
            expected = last_logits(ids, weights)
            seen = tokens[step, row]
            assert seen[0] == expected.argmax()
            assert np.abs(logits[step, row] - expected[seen]).max() <= 1e-4 * np.abs(expected).max()
            ids.append(int(seen[0]))


def test_half_precision_graph_stays_near_the_reference() -> None:
    weights, prompts = random_weights(1), ragged_prompts()
    logits, tokens = greedy(build_fused_graph(SPEC, weights, "fp16").SerializeToString(), prompts, 2)
    for row, prompt in enumerate(prompts):
        for step, ids in enumerate((prompt, [*prompt, int(tokens[0, row, 0])])):
            expected = last_logits(ids, weights)
            assert (
                np.abs(logits[step, row] - expected[tokens[step, row]]).max() <= 1e-2 * np.abs(expected).max()
            )


@pytest.mark.parametrize("eight_bit", [False, True])
def test_a_row_is_bitwise_the_same_alone_and_in_a_batch(eight_bit: bool) -> None:
    model = build_fused_graph(SPEC, random_weights(2))
    data = (quantise(model) if eight_bit else model).SerializeToString()
    prompts = ragged_prompts()
    together, tokens = greedy(data, prompts, STEPS)
    for row, prompt in enumerate(prompts):
        alone, own_tokens = greedy(data, [prompt], STEPS)
        assert (alone[:, 0] == together[:, row]).all()
        assert (own_tokens[:, 0] == tokens[:, row]).all()


def test_eight_bit_weights_stay_within_half_a_step_and_shrink_the_file() -> None:
    weight = np.random.default_rng(0).normal(0, 1, (64, 48)).astype(np.float32)
    packed, scales = quantise_weight(weight)
    restored = ((packed.astype(np.float32) - 128) * scales.reshape(48, 2, 1)).reshape(48, 64).T
    assert np.abs(restored - weight).max() <= scales.max() / 2 + 1e-6
    model = build_fused_graph(SPEC, random_weights(2))
    assert len(quantise(model).SerializeToString()) < 0.6 * len(model.SerializeToString())


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("inputs", [20, 64, 97])
def test_the_operator_computes_with_what_quantisation_kept_whatever_the_width(bits: int, inputs: int) -> None:
    rng = np.random.default_rng(inputs)
    weight, x = (
        rng.normal(0, 1, (inputs, 48)).astype(np.float32),
        rng.normal(0, 1, (5, inputs)).astype(np.float32),
    )
    product = helper.make_node("MatMul", ["x", "w"], ["y"])
    top = helper.make_node("TopK", ["y", "k"], ["top", "ids"])
    constants = [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(np.array([48]), "k")]
    faces = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["rows", size])
        for name, size in (("x", inputs), ("top", 48))
    ]
    ids = helper.make_tensor_value_info("ids", onnx.TensorProto.INT64, ["rows", 48])
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["z"]), product, top],
        "g",
        faces[:1],
        [faces[1], ids],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=10)
    small = quantise(model, bits)
    assert [node.op_type for node in small.graph.node] == ["MatMulNBits", "MatMulNBits", "TopK"]
    values, order = open_session(small.SerializeToString(), "cpu", 1).run(None, {"x": x})
    seen = np.zeros((5, 48), np.float32)
    np.put_along_axis(seen, order, values, 1)
    assert (
        np.abs(seen - x @ weight).max() <= 0.02 * np.abs(x @ weight).max()
    )  # the head keeps 8 bits at any precision


def test_four_bits_keep_every_weight_within_a_step_of_its_block() -> None:
    weight = np.random.default_rng(0).normal(0, 1, (64, 48)).astype(np.float32)
    packed, scales = quantise_weight(weight, 4)
    codes = np.stack([packed & 15, packed >> 4], -1).reshape(48, 2, 32).astype(np.float32) - 8
    restored = (codes * scales.reshape(48, 2, 1)).reshape(48, 64).T
    assert (np.abs(restored - weight) <= np.abs(scales).reshape(48, 2).repeat(32, 1).T + 1e-6).all()
    with pytest.raises(ValueError, match="choose 4 or 8"):
        quantise(build_fused_graph(SPEC, random_weights(2)), 3)
