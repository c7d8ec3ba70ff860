"""How this project's clients reach the broker: address, TLS, login. The only place that turns settings into
client options."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.broker.fetched import fetch_lean
from streams.loud_end import RefusedError
from streams.settings import Settings

REQUEST_TIMEOUT_MS: Final = 30_000


class BrokerUnreachableError(RefusedError):
    """No broker answered; the message says where and what to type."""


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments that every aiokafka client takes: address and security."""
    fetch_lean()  # so that no consumer of this process stops at a header name
    options: dict[str, Any] = {
        "bootstrap_servers": settings.broker,
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = ssl_context(settings)
    if settings.security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.sasl_password,
        }
    return options


def reader_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments of a consumer without a group: it leaves nothing behind, and takes from transactions
    what the workers take."""
    return {
        **client_options(settings),
        "group_id": None,
        "enable_auto_commit": False,
        "isolation_level": settings.isolation,
    }


def ssl_context(settings: Settings) -> ssl.SSLContext:
    """TLS that checks the broker's name and certificate, with a client certificate when one is set."""
    context = ssl.create_default_context(cafile=str(settings.ssl_cafile) if settings.ssl_cafile else None)
    if settings.ssl_certfile:
        context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile)
    return context


def faust_credentials(settings: Settings) -> Any:
    """What Faust takes as `broker_credentials`, or None without security."""
    import faust

    if settings.security_protocol == "SSL":
        return faust.SSLCredentials(ssl_context(settings))
    if settings.security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password,
            mechanism=settings.sasl_mechanism,
            ssl_context=ssl_context(settings) if settings.security_protocol == "SASL_SSL" else None,
        )
    return None


@asynccontextmanager
async def admin(settings: Settings, timeout_s: float = 10.0) -> AsyncIterator[AIOKafkaAdminClient]:
    """A started admin client, closed at the end. Raises BrokerUnreachableError within `timeout_s`."""
    if not await _listens(settings, timeout_s):
        raise BrokerUnreachableError(unreachable(settings))
    client = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await asyncio.wait_for(client.start(), timeout_s)
    except (KafkaError, OSError, TimeoutError) as error:
        await client.close()
        raise BrokerUnreachableError(unreachable(settings)) from error
    try:
        yield client
    finally:
        await client.close()


async def reachable(settings: Settings, timeout_s: float = 5.0) -> bool:
    """Does a broker answer a metadata request?"""
    try:
        async with admin(settings, timeout_s):
            return True
    except BrokerUnreachableError:
        return False


def unreachable(settings: Settings) -> str:
    """The one line for an operator whose broker is away."""
    return (
        f"no Kafka answers at {settings.broker} ({settings.security_protocol}): "
        "start one with `shiftcast broker start`, or name yours: KAFKA_BROKER=host:port"
    )


async def _listens(settings: Settings, timeout_s: float) -> bool:
    """Does anything take a connection at one of the addresses? Asked first, because aiokafka logs each failed
    attempt as an error."""
    for address in settings.broker.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            _reader, writer = await asyncio.wait_for(
                asyncio.open_connection(host.strip("[]"), int(port)), timeout_s
            )
        except (OSError, TimeoutError, ValueError):
            continue
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True
    return False
