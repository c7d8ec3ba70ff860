"""Requests that carry record batches, put together in one go: aiokafka joins the bytes of each level of a
request anew, and its header with the rest, seven times for a batch of 15 MiB.

Replaces what the sender of aiokafka 0.14 asks with; tests/streams/broker/test_produce_request.py guards what
that relies on.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from aiokafka.producer import sender
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.types import Array, Bytes, Int32, Schema


class _NoHeader:
    """What stands before a request that begins with its header."""

    def encode(self) -> bytes:
        return b""


_NO_HEADER: Final = _NoHeader()


class JoinedProduceRequest(ProduceRequest):
    """The same request, whose bytes are joined once."""

    def build(self, request_struct_class: Any) -> Any:
        return super().build(_joined(request_struct_class))


@cache
def _joined(struct: Any) -> Any:
    """The request of one version."""

    class Joined(struct):
        header = b""

        def build_request_header(self, correlation_id: int, client_id: str) -> Any:
            self.header = super().build_request_header(correlation_id, client_id).encode()
            return _NO_HEADER

        def encode(self) -> bytes:
            values = [getattr(self, name) for name in self.SCHEMA.names]
            return b"".join([self.header, *_pieces(self.SCHEMA, values)])

    return Joined


def _pieces(of: Any, value: Any) -> Iterator[Any]:
    """The bytes of a value of this type, in order; those of a batch are the batch itself."""
    if value is None:
        yield of.encode(None)
    elif isinstance(of, Schema):
        for each, part in zip(of.fields, value, strict=True):
            yield from _pieces(each, part)
    elif isinstance(of, Array):
        yield Int32.encode(len(value))
        for part in value:
            yield from _pieces(of.array_of, part)
    elif of is Bytes:
        yield Int32.encode(len(value))
        yield value
    else:
        yield of.encode(value)


def produce_lean() -> None:
    """From now on the producers of this process ask so."""
    sender.ProduceRequest = JoinedProduceRequest
