"""The "extend" graph of any Hugging Face causal LM: batch, new tokens and past of any size, keys and values
passed explicitly.

Inputs: `input_ids` (B, S) int64 right-padded; `attention_mask` (B, P + S) int64, 0 at padding; `position_ids`
(B, S) int64; `last` (B, 1) int64 = index of the row's last real token in `input_ids`; `past_key_i`,
`past_value_i` (B, KV, P, D), P may be 0; with an adapter bank also `adapter` (B,) int64 and the bank's
overridable initialisers. Outputs: `present_key_i`, `present_value_i` (B, KV, P + S, D), `top_logits` (B, K)
float32 descending, `top_ids` (B, K) int64. Needs the `train` extra (torch, transformers, onnx, onnxscript).
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn
from transformers.cache_utils import DynamicCache

from models.decoder.kv import TOP
from models.export.config import UnsupportedModelError
from models.model_folder.adapters import PARTS, Bank, entry, shapes
from models.model_folder.spec import ModelSpec

_SAMPLE = (2, 3, 5)
"""Rows, new tokens and past of the traced example: larger than 1 and all different, so that none is taken for
a constant."""


@torch.no_grad()
def _has_plain_head(model: Any) -> bool:
    """Whether the logits are the head of the hidden state and nothing more, so that one position per row
    suffices.

    Some models scale or cap them; those compute the logits of every position, as transformers does.
    """
    ids = torch.tensor([[1, 2, 3]])
    head = model.get_output_embeddings()
    return head is not None and torch.equal(
        head(model.base_model(input_ids=ids).last_hidden_state), model(input_ids=ids).logits
    )


class _Extend(nn.Module):
    """The model with its cache as plain inputs and outputs, and the top tokens of one position per row."""

    def __init__(self, model: Any, spec: ModelSpec, bank: Bank | None) -> None:
        super().__init__()
        self.model, self.top = model, min(TOP, spec.vocabulary)
        self.plain_head = _has_plain_head(model)
        self.hooks: list[Any] = []
        self.names = [name for name, _ in shapes(spec, bank)] if bank is not None else []
        self.bank: dict[str, Tensor] = {}
        if bank is not None:
            for layer in range(spec.layers):
                for projection in PARTS:
                    self._attach(layer, projection, bank.rank)

    def _attach(self, layer: int, projection: str, rank: int) -> None:
        """Adds the adapters of one packed projection to the linear layers it consists of."""
        block = self.model.model.layers[layer]
        owner, start = (block.mlp if projection in ("gate_up", "down") else block.self_attn), 0
        for at, part in enumerate(PARTS[projection]):
            linear = getattr(owner, part)
            stop = start + linear.out_features
            self.hooks.append(
                linear.register_forward_hook(
                    self._hook(layer, projection, slice(at * rank, (at + 1) * rank), slice(start, stop))
                )
            )
            start = stop

    def _hook(self, layer: int, projection: str, rank: slice, out: slice) -> Any:
        def add(_: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor:
            a, b = (self.bank[entry(layer, projection, side)] for side in "ab")
            return output + (inputs[0] @ a[:, :, rank]) @ b[:, rank, out]

        return add

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, last: Tensor, *rest: Tensor
    ) -> tuple[Tensor, ...]:
        past = rest
        if self.names:
            adapter, arrays, past = rest[0], rest[1 : 1 + len(self.names)], rest[1 + len(self.names) :]
            self.bank = {
                name: array.index_select(0, adapter) for name, array in zip(self.names, arrays, strict=True)
            }
        cache = DynamicCache(ddp_cache_data=[(past[at], past[at + 1]) for at in range(0, len(past), 2)])
        network = self.model.base_model if self.plain_head else self.model
        result = network(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=cache,
            use_cache=True,
        )
        states = result.last_hidden_state if self.plain_head else result.logits
        row = torch.gather(states, 1, last[:, :, None].expand(-1, -1, states.shape[-1]))[:, 0]
        top = torch.topk(
            (self.model.get_output_embeddings()(row) if self.plain_head else row).float(), self.top
        )
        present = [tensor for layer in result.past_key_values.layers for tensor in (layer.keys, layer.values)]
        return top.values, top.indices, *present


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter talks about its own deprecations and about packages that are not needed."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def _sample(
    spec: ModelSpec, dtype: torch.dtype, bank: Bank | None
) -> tuple[tuple[Tensor, ...], tuple[Any, ...], list[str]]:
    """Traced arguments, their dynamic axes and their names."""
    rows, new, past = _SAMPLE
    dynamic = torch.export.Dim.DYNAMIC
    mask = torch.ones(rows, past + new, dtype=torch.int64)
    mask[0, -1] = 0  # a mask of ones alone is left out of the graph
    positions = torch.arange(past, past + new).expand(rows, -1).contiguous()
    fixed = [
        torch.full((rows, new), 1),
        mask,
        positions,
        torch.tensor([[new - 2]] + [[new - 1]] * (rows - 1)),
    ]
    axes: list[dict[int, Any]] = [{0: dynamic, 1: dynamic}] * 3 + [{0: dynamic}]
    names = ["input_ids", "attention_mask", "position_ids", "last"]
    rest: list[Tensor] = []
    rest_axes: list[dict[int, Any]] = []
    if bank is not None:
        arrays = dict(shapes(spec, bank))
        rest = [
            torch.arange(rows) % bank.rows,
            *(torch.zeros(shape, dtype=dtype) for shape in arrays.values()),
        ]
        rest_axes = [{0: dynamic}, *({} for _ in arrays)]
        names += ["adapter", *arrays]
    for layer in range(spec.layers):
        rest += [torch.zeros(rows, spec.kv_heads, past, spec.head_width, dtype=dtype) for _ in range(2)]
        rest_axes += [{0: dynamic, 2: dynamic}] * 2
        names += [f"past_key_{layer}", f"past_value_{layer}"]
    return (*fixed, *rest), (*axes, tuple(rest_axes)), names


def _tidy(model: onnx.ModelProto) -> onnx.ModelProto:
    """Names for the axes, the bank's arrays as overridable inputs, weights transposed in the file, and no
    traces of the exporter."""
    graph = model.graph
    for message in (*graph.node, *graph.input, *graph.output, *graph.value_info, graph, model):
        message.ClearField("doc_string")
        message.ClearField("metadata_props")
    graph.ClearField("value_info")
    for value in (*graph.input, *graph.output):
        dims = value.type.tensor_type.shape.dim
        if value.name.startswith("lora."):
            continue
        dims[0].dim_param = "batch"
        if "_key_" in value.name or "_value_" in value.name:
            dims[2].dim_param = "past" if value.name.startswith("past") else "total"
        elif len(dims) == 2 and dims[1].dim_param:
            dims[1].dim_param = "total" if value.name == "attention_mask" else "length"
    _fold_transposes(graph)
    for value in graph.input:
        if value.name.startswith("lora."):  # with an initialiser of its name an input may be left out
            kind = value.type.tensor_type
            zeros = np.zeros(
                [dim.dim_value for dim in kind.shape.dim], helper.tensor_dtype_to_np_dtype(kind.elem_type)
            )
            graph.initializer.append(numpy_helper.from_array(zeros, value.name))
    model.producer_name, model.producer_version, graph.name = "shiftcast", "", "extend"
    return model


def _fold_transposes(graph: onnx.GraphProto) -> None:
    """Replaces a transposed constant that nothing else reads by the transposed data."""
    stored = {tensor.name: tensor for tensor in graph.initializer}
    readers: dict[str, int] = {}
    for node in graph.node:
        for name in node.input:
            readers[name] = readers.get(name, 0) + 1
    for node in [node for node in graph.node if node.op_type == "Transpose" and node.input[0] in stored]:
        source = stored[node.input[0]]
        order = next((list(attribute.ints) for attribute in node.attribute if attribute.name == "perm"), None)
        turned = np.ascontiguousarray(np.transpose(numpy_helper.to_array(source), order))
        if readers[source.name] == 1:
            graph.initializer.remove(source)
        graph.initializer.append(numpy_helper.from_array(turned, node.output[0]))
        graph.node.remove(node)


def export_extend(model: Any, spec: ModelSpec, bank: Bank | None = None) -> onnx.ModelProto:
    """The extend graph of a transformers model, in the precision of its parameters. Raises
    UnsupportedModelError, naming what failed."""
    wrapped = _Extend(model, spec, bank).eval()
    arguments, axes, names = _sample(spec, next(model.parameters()).dtype, bank)
    outputs = [
        "top_logits",
        "top_ids",
        *(name.replace("past", "present") for name in names if name.startswith("past")),
    ]
    try:
        with _quiet(), torch.no_grad():
            program = torch.onnx.export(
                wrapped,
                arguments,
                dynamo=True,
                opset_version=23,
                dynamic_shapes=axes,
                input_names=names,
                output_names=outputs,
                verbose=False,
            )
    except Exception as error:
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        why = next((line for line in str(cause).splitlines() if line.strip()), "no reason given")
        raise UnsupportedModelError(
            f"{spec.architecture}: torch cannot trace this model with past keys and values "
            f"({type(cause).__name__}: {why}); "
            "choose Llama, SmolLM, Mistral, Qwen2, Qwen3 or GPT-2"
        ) from error
    finally:
        for hook in wrapped.hooks:
            hook.remove()
    if program is None:
        raise UnsupportedModelError(f"{spec.architecture}: torch wrote no graph")
    return _tidy(program.model_proto)
