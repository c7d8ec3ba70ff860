"""The adapters a session computes with: each row of a batch names its own, and changing them rebinds memory,
no session is made anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from models.model_folder.graph_file import ModelFileError

_PREFIX = "lora."
_REALS: Final = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class AdapterBank:
    """Values bound to a session's overridable initialisers `lora.<layer>.<projection>.a` (N, in, r) and `.b`
    (N, r, out)."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._device = "cuda" if session.get_providers()[0] == "CUDAExecutionProvider" else "cpu"
        self._takes_ids = any(each.name == "adapter" for each in session.get_inputs())
        self._slots = {
            each.name: each
            for each in session.get_overridable_initializers()
            if each.name.startswith(_PREFIX)
        }
        self._values: dict[str, Any] = {}
        self.version = 0
        """Counts the changes: what was bound before is out of date."""

    @property
    def rows(self) -> int:
        """Adapters the bank holds, row 0 (none) among them; 0 for a model exported without a bank."""
        return next((int(slot.shape[0]) for slot in self._slots.values()), 0)

    def set(self, bank: Mapping[str, NDArray[np.float32]]) -> None:
        """Use these from now on; names that `bank` leaves out keep the adapters of the model file.

        Raises ModelFileError for a name the model does not have and for a shape or number of adapters that
        does not fit.
        """
        for name, value in bank.items():
            self._check(name, value)
        self._values = {
            name: ort.OrtValue.ortvalue_from_numpy(
                np.ascontiguousarray(value, _REALS[self._slots[name].type]), self._device, 0
            )
            for name, value in bank.items()
        }
        self.version += 1

    def _check(self, name: str, value: NDArray[np.float32]) -> None:
        slot = self._slots.get(name)
        if slot is None:
            raise ModelFileError(
                f"the model has no adapter slot {name!r}: export it with `shiftcast model export --adapters "
                "N --rank R`"
                " and use adapters trained on this model"
            )
        if list(value.shape) != list(slot.shape):
            raise ModelFileError(
                f"{name} has shape {list(value.shape)}, the model takes {list(slot.shape)}: use adapters of "
                "the rank it was exported with"
            )
        if slot.type not in _REALS:
            raise ModelFileError(
                f"{name} is {slot.type}, which adapters cannot be given in: export the model with "
                "--precision fp16"
            )
        if value[0].any():
            raise ModelFileError(f"{name}: row 0 means no adapter and must be zeros")

    def bind(self, binding: Any, ids: Any) -> None:
        """Binds the bank and the adapter of each row: an array of the host, or a value on the device."""
        if self._takes_ids and isinstance(ids, np.ndarray):
            binding.bind_cpu_input("adapter", ids)
        elif self._takes_ids:
            binding.bind_ortvalue_input("adapter", ids)
        for name, value in self._values.items():
            binding.bind_ortvalue_input(name, value)
