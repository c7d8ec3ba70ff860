"""Tracing a graph takes torch seconds: here that of the same module is traced once, whichever tests ask."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch.utils._pytree import tree_map


def _depends_on(module: Any, asked: Any, told: Any) -> bytes:
    """How the module is built, its tensors, what it is asked, and how the graph is to be."""
    plain = {name: value for name, value in vars(module).items() if isinstance(value, bool | int | str)}
    asked = tree_map(lambda each: (each.shape, each.dtype), asked)
    known = hashlib.sha256(f"{module!r} {plain} {asked} {told}".encode())
    for name, tensor in module.state_dict().items():
        known.update(name.encode() + tensor.numpy().tobytes())
    return known.digest()


@contextmanager
def traced_once() -> Iterator[None]:
    """Until the block ends."""
    export: Any = torch.onnx.export
    traced: dict[bytes, Any] = {}

    def once(module: Any, args: Any = (), kwargs: Any = None, **told: Any) -> Any:
        key = _depends_on(module, (args, kwargs or {}), told)
        if key not in traced:
            traced[key] = export(module, args, kwargs=kwargs, **told)
        return traced[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(torch.onnx, "export", once)
        yield
