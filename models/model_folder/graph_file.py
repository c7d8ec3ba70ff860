"""What an ONNX file may contain before it is run: everything inside the one file, no tensors elsewhere, no
sparse ones."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Final

# Field numbers of onnx.proto: messages to look into, and those that say that data lies elsewhere.
_GRAPH, _INITIALIZER, _SPARSE, _NODE, _ATTRIBUTE, _EXTERNAL, _LOCATION = 7, 5, 15, 1, 5, 13, 14
_KEY, _VALUE = 1, 2
_ATTRIBUTE_TENSORS: Final = (5, 10)
_ATTRIBUTE_GRAPHS: Final = (6, 11)
_ATTRIBUTE_SPARSE: Final = (22, 23)


class ModelFileError(ValueError):
    """A model file that is refused: says what is wrong with it."""


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """(field number, value) of one protobuf message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
        elif kind == 2:
            size, at = _varint(data, at)
            yield key >> 3, data[at : at + size]
            at += size
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ModelFileError(f"not a protobuf message: wire type {kind}")


def _messages(data: memoryview, *wanted: int) -> Iterator[tuple[int, memoryview]]:
    for number, value in _fields(data):
        if number in wanted and isinstance(value, memoryview):
            yield number, value


def _check_tensor(tensor: memoryview, beside: Set[str]) -> None:
    for number, value in _fields(tensor):
        if number == _EXTERNAL and isinstance(value, memoryview) and _is_known(value, beside):
            continue
        if number == _EXTERNAL or (number == _LOCATION and value == 1 and not beside):
            raise ModelFileError(
                "the model keeps tensors in other files (external data): export it as one file"
            )


def _is_known(entry: memoryview, beside: Set[str]) -> bool:
    """Whether an entry about tensors elsewhere names one of these files, or only a place in it."""
    told = {number: bytes(value) for number, value in _messages(entry, _KEY, _VALUE)}
    return bool(beside) and (told.get(_KEY) != b"location" or told.get(_VALUE, b"").decode() in beside)


def _check_graph(graph: memoryview, beside: Set[str]) -> None:
    for number, part in _messages(graph, _NODE, _INITIALIZER, _SPARSE):
        if number == _SPARSE:
            raise ModelFileError(
                "the model has sparse initialisers, which are refused: export it with dense ones"
            )
        if number == _INITIALIZER:
            _check_tensor(part, beside)
            continue
        for _, attribute in _messages(part, _ATTRIBUTE):
            for kind, value in _messages(
                attribute, *_ATTRIBUTE_TENSORS, *_ATTRIBUTE_GRAPHS, *_ATTRIBUTE_SPARSE
            ):
                if kind in _ATTRIBUTE_SPARSE:
                    raise ModelFileError(
                        "the model has sparse tensors, which are refused: export it with dense ones"
                    )
                if kind in _ATTRIBUTE_TENSORS:
                    _check_tensor(value, beside)
                else:
                    _check_graph(value, beside)


def check_self_contained(model: bytes, beside: Set[str] = frozenset()) -> None:
    """Raises ModelFileError when the ONNX model refers to anything outside its own bytes and the files
    `beside` it, or is not readable."""
    try:
        graphs = list(_messages(memoryview(model), _GRAPH))
        for _, graph in graphs:
            _check_graph(graph, beside)
    except IndexError as error:
        raise ModelFileError("the model file is cut short") from error
    if not graphs:
        raise ModelFileError("the model file holds no graph")
