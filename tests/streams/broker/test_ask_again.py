"""A broker that is away is asked again; what it refuses is raised."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import errors

from streams.broker.ask_again import ask_again
from streams.broker.clients import BrokerAwayError, BrokerUnreachableError


def test_until_there_is_an_answer() -> None:
    away = [
        errors.NodeNotReadyError(),
        errors.KafkaConnectionError(),
        errors.KafkaTimeoutError(),
        errors.GroupLoadInProgressError(),
        BrokerAwayError("no Kafka answers"),
    ]

    async def ask() -> str:
        if away:
            raise away.pop()
        return "here"

    assert asyncio.run(ask_again(ask, 0.0)) == "here" and not away


@pytest.mark.parametrize(
    "refusal",
    [
        errors.TopicAuthorizationFailedError("ads.creative.v1"),
        BrokerUnreachableError("it refuses the login"),
    ],
)
def test_a_refusal_is_an_answer(refusal: Exception) -> None:
    async def ask() -> str:
        raise refusal

    with pytest.raises(type(refusal)):
        asyncio.run(ask_again(ask, 0.0))
