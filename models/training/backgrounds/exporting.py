"""The network as one ONNX file of half the size: weights are kept in float16, numbers are computed in
float32."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.export import Dim

from models.background.colouring import CHANNELS
from models.background.conditions import CODE_WIDTH
from models.training.backgrounds.network import PATCH

_OPSET: Final = 20
_LARGE: Final = 256
"""Numbers of a weight from which it is kept in float16."""
_SIDES: Final = (48, 88)


def write_graph(network: nn.Module, path: Path) -> float:
    """Writes the graph; returns how far it is off the network, in the deviation of what that tells."""
    network.eval()
    given = _given(*_SIDES)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network, kwargs=given, dynamo=True, opset_version=_OPSET, dynamic_shapes=_free(),
            input_names=list(given), output_names=["clean"], verbose=False,
        )  # fmt: skip
        expected = network(**given).numpy()
    assert program is not None
    model = program.model_proto
    _halve(model.graph)
    path.write_bytes(model.SerializeToString())
    session = ort.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    [told] = session.run(None, {name: value.numpy() for name, value in given.items()})
    return float(np.abs(told - expected).max() / expected.std())


def _given(down: int, across: int) -> dict[str, torch.Tensor]:
    drawn = torch.Generator().manual_seed(1)
    return {
        "noisy": torch.randn(2, CHANNELS, down, across, generator=drawn),
        "time": torch.tensor([0.3, 0.6]),
        "code": torch.rand(2, CODE_WIDTH, generator=drawn),
        "words": torch.rand(2, 1, down, across, generator=drawn),
    }


def _free() -> dict[str, Any]:
    """Sides may be any multiple of what the network halves."""
    down, across = (2 * PATCH * Dim(name, min=3, max=64) for name in ("down", "across"))
    return {"noisy": {2: down, 3: across}, "time": {}, "code": {}, "words": {2: down, 3: across}}


def _halve(graph: Any) -> None:
    kept = list(graph.initializer)
    del graph.initializer[:]
    casts = []
    for each in kept:
        values = numpy_helper.to_array(each)
        if values.dtype != np.float32 or values.size < _LARGE:
            graph.initializer.append(each)
            continue
        half = f"{each.name}.half"
        graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), half))
        casts.append(helper.make_node("Cast", [half], [each.name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
