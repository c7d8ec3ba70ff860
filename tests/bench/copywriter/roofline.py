"""Share of what the memory and arithmetic of an H200 allow for a 0.5B model in float16: 64 tokens of prompt,
24 written."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import onnxruntime as ort

from models.decoder.engine import DecoderEngine
from tests.bench.copywriter.random_models import Checkpoint
from tests.bench.copywriter.rounds import interleaved
from tests.bench.copywriter.runtime_speed import own, random_ids

LIMITS: Final = {1: 181.0, 32: 4380.0, 256: 11480.0}
"""Creatives per second by batch: 4.3 TB/s, 790 TFLOP/s, one prefill of 64 tokens and 23 steps of a 494M
model."""


def cuda_missing() -> str:
    """Why nothing can be measured on a GPU; empty when it can."""
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        return (
            f"this onnxruntime {ort.__version__} has no CUDA provider (pip install 'shiftcast[gpu]' on a "
            "machine with an NVIDIA GPU)"
        )
    if not Path("/proc/driver/nvidia/version").exists():
        return "no NVIDIA driver is loaded on this machine"
    return ""


def roofline_shares(folder: Path, rounds: int) -> dict[int, float]:
    """Creatives per second over the limit, by batch; wall-clock, the best round counts."""
    checkpoint = Checkpoint("0.5B", folder, "cuda")
    engine: DecoderEngine = checkpoint.engine(batch_rows=max(LIMITS))
    shares = {}
    for batch, limit in LIMITS.items():
        seconds = interleaved(
            {"own": own(engine, random_ids(checkpoint.spec.vocabulary, batch))}, rounds, time.perf_counter
        )["own"]
        shares[batch] = batch / min(seconds) / limit
    return shares
