"""Memory of keys and values: who owns it, how a block of it is bound to a graph, and the buckets it is reused
by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import onnxruntime as ort

TOP: Final = 64
"""Tokens a graph offers per row, fewer when the vocabulary has fewer."""
LENGTH_STEP: Final = 16
_ELEMENT_TYPES: Final = {"tensor(float)": (1, 4), "tensor(float16)": (10, 2), "tensor(bfloat16)": (16, 2)}


def row_bucket(rows: int) -> int:
    """The power of two that has room for `rows`."""
    return 1 << max(0, rows - 1).bit_length()


def length_bucket(tokens: int) -> int:
    """The multiple of LENGTH_STEP that has room for `tokens`."""
    return -(-tokens // LENGTH_STEP) * LENGTH_STEP


@dataclass(frozen=True, slots=True)
class KvLayout:
    """How a model's keys and values lie in memory: one (rows, heads, length, head width) tensor per name."""

    names: tuple[str, ...]
    heads: int
    head_width: int
    element_type: int
    element_bytes: int
    device: str

    @classmethod
    def of(cls, session: ort.InferenceSession) -> KvLayout:
        """Read from the graph's `past_*` inputs."""
        pasts = [each for each in session.get_inputs() if each.name.startswith("past_")]
        _, heads, _, head_width = pasts[0].shape
        device = "cuda" if session.get_providers()[0] == "CUDAExecutionProvider" else "cpu"
        return cls(
            tuple(each.name.removeprefix("past_") for each in pasts),
            heads,
            head_width,
            *_ELEMENT_TYPES[pasts[0].type],
            device,
        )

    @property
    def token_bytes(self) -> int:
        """Bytes of one token of one sequence, all layers."""
        return len(self.names) * self.heads * self.head_width * self.element_bytes

    def allocate(self, shape: Sequence[int]) -> list[Any]:
        """One uninitialised value per name on the device."""
        return [
            ort.OrtValue.ortvalue_from_shape_and_type(list(shape), self.element_type, self.device, 0)
            for _ in self.names
        ]


@dataclass(frozen=True, slots=True)
class Kv:
    """A block of `rows` sequences with room for `length` tokens each; `pointers` address one tensor per name,
    `owners` keep them alive."""

    layout: KvLayout
    rows: int
    length: int
    pointers: tuple[int, ...]
    owners: tuple[Any, ...]

    @classmethod
    def made(cls, layout: KvLayout, rows: int, length: int) -> Kv:
        """A block with memory of its own."""
        return cls.over(layout, layout.allocate((rows, layout.heads, length, layout.head_width)))

    @classmethod
    def over(cls, layout: KvLayout, values: Sequence[Any]) -> Kv:
        """The block that `values` hold, e.g. what a graph gave back."""
        rows, _, length, _ = values[0].shape()
        return cls(layout, rows, length, tuple(value.data_ptr() for value in values), tuple(values))

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return (self.rows, self.layout.heads, self.length, self.layout.head_width)

    @property
    def size_bytes(self) -> int:
        return self.rows * self.length * self.layout.token_bytes

    def part(self, first: int, rows: int) -> Kv:
        """`rows` rows of this block from `first` on, in the same memory."""
        offset = first * prod(self.shape[1:]) * self.layout.element_bytes
        return Kv(
            self.layout, rows, self.length, tuple(pointer + offset for pointer in self.pointers), self.owners
        )

    def bind_inputs(self, binding: Any, prefix: str) -> None:
        """Binds every tensor as the input of its name after `prefix`."""
        for name, pointer in zip(self.layout.names, self.pointers, strict=True):
            binding.bind_input(
                prefix + name, self.layout.device, 0, self.layout.element_type, self.shape, pointer
            )

    def bind_outputs(self, binding: Any, prefix: str) -> None:
        """Binds every tensor as the output of its name after `prefix`."""
        for name, pointer in zip(self.layout.names, self.pointers, strict=True):
            binding.bind_output(
                prefix + name, self.layout.device, 0, self.layout.element_type, self.shape, pointer
            )


class KvPool:
    """Blocks for the running micro-batch: rows move from one to the other when they fan out or are compacted.
    Memory is kept for later."""

    def __init__(self, layout: KvLayout) -> None:
        self._layout = layout
        self._memory: dict[int, Kv] = {}

    def block(self, index: int, rows: int, length: int) -> Kv:
        """A block in memory `index`; ends the use of what that memory held before. Grows by buckets of rows
        and lengths."""
        held = self._memory.get(index)
        if held is None or held.rows * held.length < rows * length:
            self._memory.pop(index, None)  # freed before the larger one is made
            held = self._memory[index] = Kv.made(self._layout, row_bucket(rows), length_bucket(length))
        return Kv(self._layout, rows, length, held.pointers, held.owners)

    def holds(self, kv: Kv) -> bool:
        """Whether a block lies in memory that is still in use: larger memory takes the place of smaller."""
        return any(held.owners is kv.owners for held in self._memory.values())
