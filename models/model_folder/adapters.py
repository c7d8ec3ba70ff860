"""The adapter bank: low-rank changes of several brands in one graph, chosen per row by a number; row 0
changes nothing.

For each layer and projection the bank holds `a` (rows, in, rank) and `b` (rows, rank, out): y = x W + x
a[adapter] b[adapter]. Projections that the graph computes together share one entry: their ranks stand side by
side in `a`, block-diagonal in `b`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import ModelFolder
from models.model_folder.spec import ModelSpec

Arrays = Mapping[str, NDArray[np.float32]]

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "qkv": ("q_proj", "k_proj", "v_proj"),
    "o": ("o_proj",),
    "gate_up": ("gate_proj", "up_proj"),
    "down": ("down_proj",),
}
"""What the graph computes in one product, and the checkpoint's projections in it."""


@dataclass(frozen=True, slots=True)
class Bank:
    """Room for `adapters` adapters of at most `rank`; 0 adapters: the graph has no bank."""

    adapters: int
    rank: int

    def __post_init__(self) -> None:
        if self.adapters < 1 or self.rank < 1:
            raise ValueError(
                f"a bank of {self.adapters} adapters of rank {self.rank}: both must be at least 1"
            )

    @property
    def rows(self) -> int:
        """Adapters and row 0."""
        return self.adapters + 1


def sizes(spec: ModelSpec, projection: str) -> tuple[int, tuple[int, ...]]:
    """Inputs of a projection, and outputs of each of its parts."""
    queries, keys = spec.heads * spec.head_width, spec.kv_heads * spec.head_width
    return {
        "qkv": (spec.width, (queries, keys, keys)),
        "o": (queries, (spec.width,)),
        "gate_up": (spec.width, (spec.hidden, spec.hidden)),
        "down": (spec.hidden, (spec.width,)),
    }[projection]


def entry(layer: int, projection: str, side: str) -> str:
    """Name of an overridable initialiser; `side` is a | b."""
    return f"lora.{layer}.{projection}.{side}"


def shapes(spec: ModelSpec, bank: Bank) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """(name, shape) of everything in the bank."""
    for layer in range(spec.layers):
        for projection, parts in PARTS.items():
            inputs, outputs = sizes(spec, projection)
            rank = bank.rank * len(parts)
            yield entry(layer, projection, "a"), (bank.rows, inputs, rank)
            yield entry(layer, projection, "b"), (bank.rows, rank, sum(outputs))


def fill_bank(spec: ModelSpec, bank: Bank, adapters: Sequence[Arrays]) -> dict[str, NDArray[np.float32]]:
    """The whole bank with these adapters in rows 1, 2, ...; one adapter is name -> (in, rank) or (rank, out),
    absent: no change.

    Raises ValueError for more adapters than rows and for names or shapes that the model does not have.
    """
    if len(adapters) > bank.adapters:
        raise ValueError(
            f"{len(adapters)} adapters for a bank of {bank.adapters}: export the model with --adapters "
            f"{len(adapters)}"
        )
    arrays = {name: np.zeros(shape, np.float32) for name, shape in shapes(spec, bank)}
    for row, adapter in enumerate(adapters, start=1):
        for name, values in adapter.items():
            if name not in arrays or values.shape != arrays[name].shape[1:]:
                raise ValueError(
                    f"adapter {row}: {name} of shape {values.shape} does not fit the model; make the "
                    "adapter for this model"
                )
            arrays[name][row] = values
    return arrays


def to_bytes(adapter: Arrays) -> bytes:
    """One adapter as a file of a model folder."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **adapter)
    return buffer.getvalue()


def read_bank(folder: ModelFolder) -> tuple[dict[str, int], dict[str, NDArray[np.float32]]]:
    """Name of each adapter in the folder -> its row, and the whole bank for the engine; both empty for a
    model without a bank.

    Raises ModelFileError for a missing, changed or unfitting file.
    """
    about = folder.manifest.get("adapters") or {}
    if not about:
        return {}, {}
    names: Mapping[str, str] = about.get("files") or {}
    adapters = []
    for name, file in names.items():
        try:
            with np.load(io.BytesIO(folder.read(file)), allow_pickle=False) as stored:
                adapters.append({key: stored[key] for key in stored.files})
        except (ValueError, OSError) as error:
            raise ModelFileError(
                f"{folder.folder / file}: adapter {name} cannot be read ({error}); restore the file"
            ) from error
    try:
        bank = fill_bank(folder.spec, Bank(int(about["room"]), int(about["rank"])), adapters)
    except (KeyError, ValueError) as error:
        raise ModelFileError(
            f"{folder.folder}: {error}; write the folder again with `shiftcast model export`"
        ) from error
    return {name: row for row, name in enumerate(names, start=1)}, bank
