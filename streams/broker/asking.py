"""Which of several servers answers as a Kafka does: all are asked at once, the first to answer counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

from aiokafka.client import AIOKafkaClient
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from streams.address import Address, join_address

_wait_for_each: Final = AIOKafkaClient.bootstrap
_SAME_FOR_A_CONNECTION: Final = (
    "request_timeout_ms",
    "ssl_context",
    "security_protocol",
    "sasl_mechanism",
    "sasl_plain_username",
    "sasl_plain_password",
)


class NobodyAnswersError(Exception):
    """No server answered; `reasons` by address."""

    def __init__(self, reasons: dict[Address, Exception]) -> None:
        super().__init__(", ".join(join_address(*address) for address in reasons))
        self.reasons = reasons


class LoginWantedError(Exception):
    """A server talks, but says nothing of its cluster to who has not logged in."""


async def first_answer(
    addresses: Iterable[Address], timeout_s: float, **options: Any
) -> tuple[Address, list[Address]]:
    """The first of `addresses` that answers, and the addresses that it gives to its clients.

    `options`: those of an aiokafka connection. Raises NobodyAnswersError.
    """
    asked: dict[asyncio.Future[list[Address]], Address] = {
        asyncio.ensure_future(asyncio.wait_for(_ask(*address, **options), timeout_s)): address
        for address in addresses
    }
    reasons: dict[Address, Exception] = {}
    waiting = set(asked)
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                try:
                    return asked[each], each.result()
                except Exception as error:
                    reasons[asked[each]] = error
    finally:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    raise NobodyAnswersError(reasons)


async def _ask(host: str, port: int, **options: Any) -> list[Address]:
    """Connects, logs in, asks for the brokers: only who is let in is told."""
    connection = await create_conn(host, port, **options)
    try:
        answer = await connection.send(MetadataRequest([]))
    except KafkaConnectionError as error:
        raise LoginWantedError from error
    finally:
        await connection.close()
    return [(broker[1], broker[2]) for broker in answer.brokers]


async def any_connects(addresses: Sequence[Address], timeout_s: float) -> bool:
    """Whether one of `addresses` takes connections."""

    async def connects(host: str, port: int) -> bool:
        try:
            _reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), timeout_s)
        except (OSError, TimeoutError):
            return False
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True

    return any(await asyncio.gather(*(connects(*address) for address in addresses)))


def ask_all_at_once() -> None:
    """From here on each aiokafka client of this process, Faust's included, begins with the server that
    answers first: by itself it takes one after another, and one that hangs costs a whole request time-out."""
    AIOKafkaClient.bootstrap = _bootstrap


async def _bootstrap(client: Any) -> None:
    addresses = [(host, port) for host, port, _family in client.hosts]
    if len(addresses) > 1:
        options = {name: getattr(client, f"_{name}") for name in _SAME_FOR_A_CONNECTION}
        with suppress(NobodyAnswersError):
            timeout_s = options["request_timeout_ms"] / 1000
            address, _brokers = await first_answer(addresses, timeout_s, **options)
            client._bootstrap_servers = join_address(*address)  # noqa: SLF001
    await _wait_for_each(client)
