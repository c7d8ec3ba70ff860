"""What takes seconds at the start of a process: no event should wait for it, nor the loop."""

from __future__ import annotations

import asyncio

from models.kernels.compiled import compile_kernels, count_compilations
from streams.metrics.lanes import COMPILED_AFTER_START


async def warm_up() -> None:
    """Compile the kernels of what was imported, or load them; from then on compilations are counted."""
    await asyncio.to_thread(compile_kernels)
    before = count_compilations()
    COMPILED_AFTER_START.set_function(lambda: count_compilations() - before)
