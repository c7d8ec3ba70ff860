"""CRC-32C of bytes by the processor's own instruction: several times as fast as a table. Kafka guards each
record batch with it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from models.kernels.argument_types import read_only, vector
from models.kernels.compiled import kernel
from models.kernels.words import byte, word

BY_INSTRUCTION: Final = config.CPU_NAME in ("x86-64-v2", "x86-64-v3") and not config.DISABLE_JIT
"""Whether kernels are compiled for a processor that is known to have it; else `crc32c` is not there."""
_ALL: Final = np.uint32(0xFFFFFFFF)


def _step(bits: int, number: Any, total: Any) -> Any:
    """Takes one more number of `bits` bits into the sum."""

    def step(typing: Any, before: Any, more: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            width = ir.IntType(total.bitwidth)
            kind = ir.FunctionType(width, [width, ir.IntType(bits)])
            name = f"llvm.x86.sse42.crc32.{total.bitwidth}.{bits}"
            return builder.call(builder.module.declare_intrinsic(name, (), kind), arguments)

        return total(total, number), generate

    return intrinsic(step)


if BY_INSTRUCTION:
    _with_word = _step(64, types.uint64, types.uint64)
    _with_byte = _step(8, types.uint8, types.uint32)

    @kernel(read_only(vector(types.uint8)))
    def _crc32c(data: NDArray[np.uint8]) -> Any:
        start, n, total = data.ctypes.data, len(data), np.uint64(_ALL)
        for at in range(start, start + n - 7, 8):
            total = _with_word(total, word(at))
        last = np.uint32(total)
        for at in range(start + n // 8 * 8, start + n):
            last = _with_byte(last, byte(at))
        return last ^ _ALL

    def crc32c(data: memoryview) -> int:
        """CRC-32C of bytes."""
        return int(_crc32c(np.frombuffer(data, np.uint8)))
