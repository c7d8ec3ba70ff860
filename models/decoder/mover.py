"""Moves rows of keys and values between blocks of memory, on the device they live on: candidates fan out,
finished rows drop out.

The work is done by ONNX graphs of Gather nodes, so it is the same on every processor. Serving has no `onnx`
to write them with, hence the few lines of protobuf (field numbers of onnx.proto).
"""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from models.decoder.kv import Kv, KvLayout
from models.model_folder.session import open_session

_INT64 = 7
_OPSET = 23


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _tensor(field: int, name: str, element_type: int, rank: int) -> bytes:
    shape = b"".join(_bytes(1, _bytes(2, f"{name}.{axis}")) for axis in range(rank))
    return _bytes(field, _bytes(1, name) + _bytes(2, _bytes(1, _number(1, element_type) + _bytes(2, shape))))


def _gather(source: str, index: str, target: str, axis: int) -> bytes:
    attribute = _bytes(5, _bytes(1, "axis") + _number(3, axis) + _number(20, 2))
    return _bytes(
        1, _bytes(1, source) + _bytes(1, index) + _bytes(2, target) + _bytes(4, "Gather") + attribute
    )


def gather_graph(layout: KvLayout, lengthen: bool) -> bytes:
    """to_x = from_x[rows] for every part, with `lengthen` also from_x[rows][:, :, times]."""
    graph = b""
    for name in layout.names:
        graph += _gather(f"from_{name}", "rows", f"of_rows_{name}" if lengthen else f"to_{name}", 0)
        graph += _gather(f"of_rows_{name}", "times", f"to_{name}", 2) if lengthen else b""
    graph += _bytes(2, "move")
    for name in layout.names:
        graph += _tensor(11, f"from_{name}", layout.element_type, 4) + _tensor(
            12, f"to_{name}", layout.element_type, 4
        )
    graph += _tensor(11, "rows", _INT64, 1) + (_tensor(11, "times", _INT64, 1) if lengthen else b"")
    return _number(1, 10) + _bytes(8, _bytes(1, "") + _number(2, _OPSET)) + _bytes(7, graph)


class Mover:
    """Copies rows of one block into another."""

    def __init__(self, layout: KvLayout, provider: str, threads: int) -> None:
        self._sessions: list[ort.InferenceSession] = [
            open_session(gather_graph(layout, lengthen), provider, threads) for lengthen in (False, True)
        ]

    def move(self, source: Kv, rows: NDArray[np.int64], target: Kv) -> None:
        """target[i] = source[rows[i]]; what `target` has room for beyond the length of `source` is left
        without meaning."""
        lengthen = target.length != source.length
        binding = self._sessions[lengthen].io_binding()
        binding.bind_cpu_input("rows", np.ascontiguousarray(rows, np.int64))
        if lengthen:
            binding.bind_cpu_input("times", np.minimum(np.arange(target.length), source.length - 1))
        source.bind_inputs(binding, "from_")
        target.bind_outputs(binding, "to_")
        self._sessions[lengthen].run_with_iobinding(binding)
