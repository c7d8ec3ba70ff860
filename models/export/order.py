"""What is to be written of a checkpoint, and the prompts it is checked with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from models.model_folder.adapters import Bank
from models.release import nameable

PROCESSORS: Final[Mapping[str, str]] = {
    "w8": "cpu",
    "w4": "cpu",
    "fp32": "cpu",
    "fp16": "cuda",
    "bf16": "cuda",
}
"""Precisions and the processor each is for."""


class OrderError(ValueError):
    """Choices that contradict each other: says which, and what to choose."""


def check_precisions(precisions: Sequence[str]) -> None:
    """Raises OrderError for precisions that do not exist or exclude each other."""
    unknown = [precision for precision in precisions if precision not in PROCESSORS]
    if unknown or not precisions:
        raise OrderError(f"precision {', '.join(unknown) or 'missing'}: choose from {', '.join(PROCESSORS)}")
    if len({PROCESSORS[precision] for precision in precisions}) < len(precisions):
        raise OrderError(
            f"precisions {', '.join(precisions)}: at most one of w8, w4, fp32 (CPU) and one of fp16, bf16 "
            "(CUDA)"
        )


def check_named(name: str, version: str) -> None:
    """Raises OrderError for a name or version that the registry could not hold."""
    if not nameable(name, version):
        raise OrderError(
            f"a model called {name!r} in version {version!r}: --name and --version take letters, digits and "
            "._+-, not builtin"
        )


@dataclass(frozen=True)
class Gate:
    """Prompts of the parity gate: ids all rows begin with, and what each goes on with."""

    prefix: Sequence[int]
    suffixes: Sequence[Sequence[int]]


@dataclass(frozen=True)
class ExportOrder:
    """A model folder to write. `precisions`: at most one per processor; `bank`: room for adapters,
    `adapters`: folders peft wrote, by name.

    `extra` goes into the manifest, `files` into the folder. `fused_only`: no extend graph beside a fused one,
    because a second copy of the weights of a small model costs more than reused prefixes save. Raises
    OrderError for what contradicts itself.
    """

    name: str
    version: str
    precisions: tuple[str, ...] = ("w8",)
    writing: str = "text"
    locales: tuple[str, ...] = ("en",)
    temperature: float = 0.7
    floor: float = 0.05
    bank: Bank | None = None
    adapters: Mapping[str, Path] = field(default_factory=dict)
    threads: int = 1
    extra: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    fused_only: bool = False

    def __post_init__(self) -> None:
        check_named(self.name, self.version)
        check_precisions(self.precisions)
        if self.bank and "bf16" in self.precisions:
            raise OrderError("adapters in bf16 cannot be rebound while serving: use --precision fp16")
        if len(self.adapters) > (self.bank.adapters if self.bank else 0):
            raise OrderError(
                f"{len(self.adapters)} adapters and room for fewer: use --adapters {len(self.adapters)}"
            )
