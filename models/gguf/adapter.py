"""What this project has taught a language model of others: low-rank changes of its weights as a file of the
repository, added when the model is fetched. Needs numpy alone."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.export.quantise import Blocks, quantise_weight
from models.gguf.blocks import PRODUCTS
from models.gguf.reading import GgufModel, GgufTensor
from models.json_file import read_json, write_json
from models.model_folder.spec import layer_weight

_SHIPPED: Final = "adapters"
SUFFIX: Final = ".npz"
_CARD: Final = ".json"
_TAUGHT: Final = "F32"
"""Kind of a weight that is no longer as the file has it."""
_BITS: Final = 8


class AdapterError(ValueError):
    """An adapter that cannot be read or does not belong to a model: says which and what to do."""


@dataclass(frozen=True)
class LowRank:
    """What is added to a weight (out, in): `out` (out, rank) times `inner` (rank, in)."""

    inner: NDArray[np.float16]
    out: NDArray[np.float16]

    def change(self) -> NDArray[np.float32]:
        """(out, in)."""
        return self.out.astype(np.float32) @ self.inner.astype(np.float32)


@dataclass(frozen=True)
class TaughtAdapter:
    """`weights` by checkpoint name. `card`: its `version`, how it writes (`writing`, `locales`,
    `temperature`, `floor`), what it was taught and how (`recipe`, `quality`), and the sha256 of the file it
    was taught to (`base`)."""

    weights: Mapping[str, LowRank]
    card: Mapping[str, Any]


def adapter_path(name: str) -> Path:
    """Where the repository keeps what a model was taught."""
    return Path(str(files(__package__).joinpath(_SHIPPED, name + SUFFIX)))


def write_adapter(path: Path, adapter: TaughtAdapter) -> None:
    """`path` (.npz), and its card beside it (.json)."""
    arrays = {
        f"{name}.{side}": getattr(weight, side)
        for name, weight in sorted(adapter.weights.items())
        for side in ("inner", "out")
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, allow_pickle=False, **arrays)
    write_json(path.with_suffix(_CARD), dict(adapter.card))


def read_adapter(path: Path) -> TaughtAdapter:
    """Raises AdapterError."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            names = {name.rpartition(".")[0] for name in stored.files}
            weights = {name: LowRank(stored[f"{name}.inner"], stored[f"{name}.out"]) for name in names}
        return TaughtAdapter(weights, read_json(path.with_suffix(_CARD)))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise AdapterError(f"{path}: no adapter that can be read ({error}); restore the file") from error


def taught(model: GgufModel, adapter: TaughtAdapter) -> GgufModel:
    """The model with what it was taught. Raises AdapterError when it was taught to another one."""
    tensors = dict(model.tensors)
    for name, weight in adapter.weights.items():
        known = tensors.get(name)
        values = None if known is None else known.values()
        if values is None or values.shape != (len(weight.out), weight.inner.shape[1]):
            raise AdapterError(
                f"the adapter changes {name} of {len(weight.out)} x {weight.inner.shape[1]}, which the model "
                "does not have: fetch the model that it was taught to, or leave the adapter out"
            )
        tensors[name] = GgufTensor(_TAUGHT, values + weight.change())
    return replace(model, tensors=tensors)


def taught_blocks(model: GgufModel) -> dict[str, Blocks]:
    """Blocks of 8 bits of the products whose weights were taught: what was learnt is smaller than a step of
    the 4 bits they had."""
    found: dict[str, Blocks] = {}
    for layer in range(model.spec.layers):
        for product, parts in PRODUCTS.items():
            tensors = [model.tensors[layer_weight(layer, part)] for part in parts]
            if any(tensor.kind == _TAUGHT for tensor in tensors):
                whole = np.concatenate([tensor.values() for tensor in tensors])
                found[f"l{layer}.{product}.w"] = Blocks(_BITS, *quantise_weight(whole.T, _BITS))
    return found
