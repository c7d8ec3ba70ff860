"""What a speed was measured on: the processor, the instruction sets that matrix products use, and the peers'
versions."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import torch

_MATRIX: Final = re.compile("avx|amx|fma|vnni|neon|sve|sme|bf16|i8mm|dot")
PEERS: Final = ("onnxruntime", "onnxruntime-genai", "transformers", "torch", "llama-cpp-python")


def host() -> dict[str, Any]:
    """processor, instructions: those of torch's list that it has; peers: versions, None of what is not
    installed."""
    has = torch.cpu.get_capabilities()
    return {
        "processor": _processor(),
        "instructions": sorted(name for name, held in has.items() if held is True and _MATRIX.search(name)),
        "peers": {each: _version(each) for each in PEERS},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
