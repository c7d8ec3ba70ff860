"""The request that carries batches is, byte for byte, the one that aiokafka would send."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, get_args

import pytest
from aiokafka.producer import sender
from aiokafka.protocol.produce import ProduceRequest, ProduceRequestStruct

from streams.broker.batches.produce_request import JoinedProduceRequest
from streams.broker.clients import client_options
from streams.settings import Settings

TOPICS = [
    ("ads.exposure.v1", [(0, bytearray(b"one batch")), (3, b"")]),
    ("ads.outcome.v1", [(1, bytearray(range(256)) * 40)]),
]


@pytest.mark.parametrize("version", [each.API_VERSION for each in get_args(ProduceRequestStruct)])
@pytest.mark.parametrize("topics", [TOPICS, []])
def test_the_same_bytes_as_of_aiokafka(
    version: int, topics: list[tuple[str, list[tuple[int, bytes]]]]
) -> None:
    ours, theirs = (
        kind(transactional_id=None, required_acks=-1, timeout=30_000, topics=topics).prepare(
            {0: (0, version)}
        )
        for kind in (JoinedProduceRequest, ProduceRequest)
    )
    assert sent(ours) == sent(theirs)
    assert version == ours.API_VERSION and ours.RESPONSE_TYPE is theirs.RESPONSE_TYPE


def sent(request: Any) -> bytes:
    """As AIOKafkaConnection.send puts it together."""
    header = request.build_request_header(correlation_id=7, client_id="c")
    whole: bytes = header.encode() + request.encode()
    return whole


def test_the_bytes_of_a_batch_are_joined_once() -> None:
    class Batch(bytearray):
        def __radd__(self, _: object) -> bytes:
            raise AssertionError("joined level by level")

    asked = JoinedProduceRequest(None, -1, 30_000, [("t", [(0, Batch(b"batch"))])]).prepare({0: (0, 7)})
    assert asked.encode().endswith(b"batch")


def test_producers_of_this_process_ask_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "ProduceRequest", ProduceRequest)
    client_options(Settings())
    of = SimpleNamespace(
        client=None, _retry_backoff=0, _txn_manager=None, _acks=-1, _request_timeout_ms=30_000
    )
    assert isinstance(sender.SendProduceReqHandler(of, {}).create_request(), JoinedProduceRequest)
