"""The gate lets nothing through that computes something else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from models.export import verify
from models.export.asked_model import truth_of
from models.export.config import read_spec
from models.export.fused import build_fused_graph
from models.model_folder.session import open_session
from models.model_folder.spec import ModelSpec
from tests.models.export.checkpoints import CONFIGS, taught


@pytest.fixture(scope="module")
def known() -> tuple[ModelSpec, onnx.ModelProto, verify.ParityTruth]:
    model = taught(CONFIGS["qwen3"](), steps=60)
    spec = read_spec(model.config)
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    return (
        spec,
        build_fused_graph(spec, weights),
        truth_of(model, [1, 40], [[60, 61, 62], [70], [80, 81]], spec.eos),
    )


def changed(model: onnx.ModelProto, name: str, change: Callable[[np.ndarray], np.ndarray]) -> bytes:
    """A copy of the graph with one initialiser changed."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    tensor = next(tensor for tensor in copy.graph.initializer if tensor.name == name)
    tensor.CopyFrom(
        numpy_helper.from_array(np.ascontiguousarray(change(numpy_helper.to_array(tensor).copy())), name)
    )
    return bytes(copy.SerializeToString())


def figures(
    data: bytes, known: tuple[ModelSpec, onnx.ModelProto, verify.ParityTruth]
) -> verify.ParityFigures:
    spec, _, truth = known
    return verify.figures(truth, *verify.run_decode(open_session(data, "cpu", 1), spec, truth), "fp32")


def test_the_graph_itself_passes(known: tuple[ModelSpec, onnx.ModelProto, verify.ParityTruth]) -> None:
    found = figures(known[1].SerializeToString(), known)
    verify.check_parity("decode", "fp32", found)
    assert found.max_relative_error <= 1e-5


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("l1.norm2.w", lambda value: value * 1.01),
        ("l0.q_norm.w", lambda value: value[::-1]),
        ("rope.cos", lambda value: np.roll(value, 1, 0)),
        ("l0.qkv.w", lambda value: -value),
        ("head", lambda value: value + 0.01),
    ],
)
def test_a_graph_that_is_a_little_wrong_does_not(
    known: tuple[ModelSpec, onnx.ModelProto, verify.ParityTruth],
    name: str,
    change: Callable[[np.ndarray], np.ndarray],
) -> None:
    with pytest.raises(verify.ParityError, match="relative error"):
        verify.check_parity("decode", "fp32", figures(changed(known[1], name, change), known))


def test_a_graph_that_computes_nothing_does_not(
    known: tuple[ModelSpec, onnx.ModelProto, verify.ParityTruth],
) -> None:
    with pytest.raises(verify.ParityError):
        verify.check_parity(
            "decode",
            "fp32",
            figures(changed(known[1], "head", lambda value: value * np.float32(np.nan)), known),
        )


def test_quantised_graphs_are_judged_up_to_the_end_of_the_text(
    known: tuple[ModelSpec, onnx.ModelProto, verify.ParityTruth],
) -> None:
    _, _, truth = known
    logits = np.sort(truth.logits, 2)[:, :, ::-1][:, :, :4]
    tops = np.argsort(-truth.logits, 2)[:, :, :4]
    tops[:, :, 0] = truth.tokens
    ended = verify.ParityTruth(
        truth.prefix,
        truth.suffixes,
        truth.tokens,
        truth.logits,
        np.arange(verify.VERIFIED_STEPS)[None] < np.full((3, 1), 5),
    )
    tops[:, 5:, 0] += 1
    assert (
        verify.figures(ended, logits, tops, "w8").top1_agreement
        == verify.figures(ended, logits, tops, "w8").as_good
        == 1.0
    )
    assert verify.figures(ended, logits, tops, "fp32").top1_agreement == pytest.approx(
        5 / verify.VERIFIED_STEPS
    )


def test_text_ends_after_the_first_end_token() -> None:
    model = taught(CONFIGS["llama"](), steps=0)
    truth = truth_of(model, [1], [[5, 6], [7]], range(320))
    assert truth.text.tolist() == [[True] + [False] * (verify.VERIFIED_STEPS - 1)] * 2
    assert truth_of(model, [1], [[5]], []).text.all()


@pytest.mark.parametrize(("share", "as_good"), [(0.96, True), (0.94, False)])
def test_another_token_is_as_good_where_the_model_is_undecided(share: float, as_good: bool) -> None:
    known, tops = undecided(share)
    found = verify.figures(known, np.take_along_axis(known.logits, tops, 2), tops, "w8")
    assert (found.top1_agreement, found.as_good, found.loss_increase) == (0.0, float(as_good), 0.0)
    verify.check_parity("decode", "w8", found)
    with pytest.raises(verify.ParityError, match="equal best tokens"):
        verify.check_parity("decode", "fp32", found)


def undecided(share: float) -> tuple[verify.ParityTruth, np.ndarray]:
    """A model that finds token 2 `share` as likely as token 1, and a graph's top ids that say 2 first."""
    logits = np.full((3, verify.VERIFIED_STEPS, 5), -9.0, np.float32)
    logits[:, :, 1], logits[:, :, 2] = 0.0, np.log(share)
    ones = np.ones((3, verify.VERIFIED_STEPS), np.int64)
    known = verify.ParityTruth.of([1], [[1], [2], [3]], ones, logits, [])
    return known, np.broadcast_to(np.array([2, 1]), (*ones.shape, 2)).astype(np.int64)


@pytest.mark.parametrize(("precision", "most"), [("w8", 0.01), ("w4", 0.05)])
def test_a_quantised_graph_passes_while_the_text_loses_little(precision: str, most: float) -> None:
    """With two tokens of chance p and 1 - p a graph that is sure by q loses KL(p, q) nats, here against a
    model whose entropy is ln 2 and counts as one nat."""
    known, tops = undecided(1.0)
    passed = 0
    for odds in np.linspace(0.0, 1.5, 31):
        logits = np.zeros(tops.shape, np.float32)
        logits[:, :, 0] = odds
        found = verify.figures(known, logits, tops, precision)
        q = 1 / (1 + np.exp(-odds))
        assert found.loss_increase == pytest.approx(-0.5 * np.log(4 * q * (1 - q)), abs=1e-3)
        if found.loss_increase <= most:
            verify.check_parity("decode", precision, found)
            passed += 1
        else:
            with pytest.raises(verify.ParityError, match="larger"):
                verify.check_parity("decode", precision, found)
    assert 1 < passed < 31
