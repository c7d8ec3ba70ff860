"""The graphs of a checkpoint in the precisions asked for, each checked against transformers before it counts.
Needs the `train` extra."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import onnx
import torch
from peft import PeftModel

from models.export import verify
from models.export.asked_model import truth_of
from models.export.config import UnsupportedModelError, fused_obstacle
from models.export.fused import Rope, build_fused_graph
from models.export.order import PROCESSORS, ExportOrder, Gate
from models.export.peft_adapter import read_peft
from models.export.quantise import quantise
from models.export.reference import export_extend
from models.export.source import SourceCheckpoint
from models.model_folder.adapters import fill_bank, to_bytes
from models.model_folder.session import open_session

FILE_LIMIT_BYTES: Final = 2**31 - 1
"""Of one ONNX file: a graph is one self-contained file here."""
_BITS: Final = {"w8": 8, "w4": 4}
_BF16: Final = "bf16 runs on CUDA only; the fp32 graph written by the same code is checked"
_TOO_LARGE: Final = "too large for one file; the quantised graph is compared with the model itself"

SayLine = Callable[[str], None]


@dataclass(frozen=True)
class _Pair:
    """The graphs of one precision; `decode` is None where the extend graph does both phases, `extend` where
    it is not wanted."""

    decode: onnx.ModelProto | None
    extend: onnx.ModelProto | None

    def named(self) -> list[tuple[str, onnx.ModelProto]]:
        """(phase, graph) of those there are."""
        return [
            (phase, graph)
            for phase, graph in (("decode", self.decode), ("extend", self.extend))
            if graph is not None
        ]

    def mapped(self, change: Callable[[onnx.ModelProto], onnx.ModelProto]) -> _Pair:
        return _Pair(*(None if graph is None else change(graph) for graph in (self.decode, self.extend)))


def _exact(source: SourceCheckpoint, wanted: ExportOrder, obstacle: str | None, precision: str) -> _Pair:
    """The graphs in fp32, fp16 or bf16."""
    decode = None
    if obstacle is None:
        rotary = source.model.model.rotary_emb
        rope = Rope(rotary.inv_freq.float().numpy(), float(rotary.attention_scaling))
        weights = {
            name: tensor.detach().float().numpy() for name, tensor in source.model.state_dict().items()
        }
        decode = build_fused_graph(source.spec, weights, precision, rope, wanted.bank)
    if wanted.fused_only and decode is not None:
        return _Pair(decode, None)
    kind = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[precision]
    for weight in source.model.parameters():  # not the rotary frequencies, which are buffers
        weight.data = weight.data.to(kind)
    return _Pair(decode, export_extend(source.model, source.spec, wanted.bank))


def _bytes(model: onnx.ModelProto, name: str) -> bytes:
    if model.ByteSize() > FILE_LIMIT_BYTES:
        raise UnsupportedModelError(
            f"{name} would have {model.ByteSize() / 1e9:.1f} GB and a graph is one file of at most 2.1 GB; "
            "choose --precision w8 or w4"
        )
    return bytes(model.SerializeToString(deterministic=True))


class GraphWriter:
    """Writes graph by graph; `files`, `variants` and `parity` are what a manifest needs of them."""

    def __init__(self, source: SourceCheckpoint, wanted: ExportOrder, gate: Gate, say: SayLine) -> None:
        self.source, self.wanted, self.gate, self.say = source, wanted, gate, say
        self.obstacle = fused_obstacle(source.model.config)
        self.files: dict[str, bytes] = {}
        self.variants: dict[str, Any] = {}
        self.parity: dict[str, Any] = {}
        if self.obstacle and wanted.bank:
            raise UnsupportedModelError(
                f"{self.obstacle}, and an adapter bank needs it; merge the adapter into the model and "
                "export that"
            )

    def run(self) -> None:
        """Everything asked for; the exact graphs are checked whether they are kept or not. Raises
        ParityError, UnsupportedModelError."""
        self.say("asking transformers")
        source, precisions = self.source, self.wanted.precisions
        known = truth_of(source.model, self.gate.prefix, self.gate.suffixes, source.spec.eos)
        self.say("writing the graphs")
        exact = _exact(source, self.wanted, self.obstacle, "fp32")
        self._take(exact, "fp32", known, "fp32" in precisions)
        if self.wanted.adapters:
            self._take_adapters(exact)
        for precision in precisions:
            if precision in _BITS:
                self._take(exact.mapped(partial(quantise, bits=_BITS[precision])), precision, known)
            elif precision != "fp32":
                self._take(_exact(source, self.wanted, self.obstacle, precision), precision, known)

    def _take(self, pair: _Pair, precision: str, known: verify.ParityTruth, keep: bool = True) -> None:
        names: dict[str, str | None] = {"decode": None, "extend": None}
        for phase, graph in pair.named():
            name = f"{phase}.{precision}.onnx"
            if not keep and graph.ByteSize() > FILE_LIMIT_BYTES:
                self.parity[name] = {"not_checked": _TOO_LARGE}
                continue
            data = _bytes(graph, name)
            self.say(f"checking {name} ({len(data) / 1e6:.1f} MB)")
            self.parity[name] = (
                {"not_checked": _BF16}
                if precision == "bf16"
                else self._checked(name, phase, precision, data, known)
            )
            if keep:
                self.files[name], names[phase] = data, name
        if keep:
            self.variants[PROCESSORS[precision]] = {"precision": precision, **names}

    def _checked(
        self,
        name: str,
        phase: str,
        precision: str,
        data: bytes,
        known: verify.ParityTruth,
        bank: verify.Feed | None = None,
        adapter: int = 0,
    ) -> dict[str, float]:
        """Parity figures of a graph. Raises ParityError."""
        run = verify.run_decode if phase == "decode" else verify.run_extend
        session = open_session(data, "cpu", self.wanted.threads)
        found = verify.figures(known, *run(session, self.source.spec, known, bank, adapter), precision)
        verify.check_parity(name, precision, found)
        return found.as_dict()

    def _take_adapters(self, exact: _Pair) -> None:
        """Files of the adapters, and how near each row of the bank comes to transformers with that adapter
        merged."""
        source, bank = self.source, self.wanted.bank
        assert bank is not None
        read = {
            name: read_peft(folder, source.spec, bank.rank) for name, folder in self.wanted.adapters.items()
        }
        values = fill_bank(source.spec, bank, list(read.values()))
        for row, (name, folder) in enumerate(self.wanted.adapters.items(), start=1):
            self.say(f"checking adapter {name}")
            merged = PeftModel.from_pretrained(deepcopy(source.model), folder).merge_and_unload().eval()
            known = truth_of(merged, self.gate.prefix, self.gate.suffixes, source.spec.eos)
            for phase, graph in exact.named():
                label = f"{phase} with adapter {name}"
                self.parity[label] = self._checked(
                    label, phase, "fp32", _bytes(graph, label), known, values, row
                )
            self.files[f"adapters/{name}.npz"] = to_bytes(read[name])
