"""KV buffers of one batch size, bound as past and present at once, and the small inputs that change at every step."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from models.decoder.spec import ModelSpec

TOP = 64
"""Tokens the graph returns per row."""


class Buffers:
    """Memory of `rows` sequences of at most `length` tokens on the session's device."""

    def __init__(self, session: ort.InferenceSession, spec: ModelSpec, rows: int, length: int, half: bool) -> None:
        self._session, self._rows = session, rows
        self._device = "cuda" if session.get_providers()[0] == "CUDAExecutionProvider" else "cpu"
        real, kv = np.float16 if half else np.float32, (rows, spec.kv_heads, length, spec.head_width)
        names = [f"{part}_{index}" for index in range(spec.layers) for part in ("key", "value")]
        self._kv: dict[str, Any] = {name: ort.OrtValue.ortvalue_from_numpy(np.zeros(kv, real), self._device, 0) for name in names}

    def run(self, ids: NDArray[np.int64], seqlens: NDArray[np.int32], total: int, last: NDArray[np.int64]) -> tuple[Any, Any]:
        """One step: `ids` (rows, S), `seqlens` (rows,) tokens so far - 1, `last` (rows, 1). Logits and ids (rows, TOP), best first."""
        binding = self._session.io_binding()
        binding.bind_cpu_input("input_ids", ids)
        binding.bind_cpu_input("seqlens_k", seqlens)
        binding.bind_cpu_input("total_sequence_length", np.array(total, np.int32))
        binding.bind_cpu_input("last", last)
        for name, value in self._kv.items():
            binding.bind_ortvalue_input(f"past_{name}", value)
            binding.bind_ortvalue_output(f"present_{name}", value)
        binding.bind_output("top_logits")
        binding.bind_output("top_ids")
        self._session.run_with_iobinding(binding)
        *_, logits, tokens = binding.get_outputs()  # outputs come in the order they were bound
        return logits.numpy(), tokens.numpy()
