"""How this project's clients reach the broker: address, TLS, login. The only place that turns settings into
client options."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.address import split_addresses
from streams.broker.asking import NobodyAnswersError, any_connects, ask_all_at_once, first_answer
from streams.broker.batches.fetched import fetch_lean
from streams.broker.batches.produce_request import produce_lean
from streams.broker.refused_entry import advertised_refusal, entry_refusal
from streams.knobs.knob import SettingsError
from streams.loud_end import RefusedError
from streams.settings import Settings

_AWAY: Final = (ConnectionRefusedError, TimeoutError, socket.gaierror)
REQUEST_TIMEOUT_MS: Final = 30_000
POLL_MS: Final = 500
"""How long a reader without a group waits for records in one call."""


class BrokerUnreachableError(RefusedError):
    """No broker answered; the message says where and what to type."""


class BrokerAwayError(BrokerUnreachableError):
    """No server took a connection, or none answered in time: it may be there in a while."""


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments that every aiokafka client takes: address and security."""
    fetch_lean()  # so that no consumer of this process stops at a header name
    produce_lean()  # so that a batch is copied less on its way
    ask_all_at_once()  # so that no client of this process waits for one server that hangs
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
    """TLS that checks the broker's name and certificate, with a client certificate when one is set. Raises
    SettingsError."""
    try:
        context = ssl.create_default_context(cafile=str(settings.ssl_cafile) if settings.ssl_cafile else None)
    except OSError as error:
        raise SettingsError(f"SHIFTCAST_SSL_CAFILE is {settings.ssl_cafile}: {_unread(error)}") from error
    if settings.ssl_certfile:
        try:
            context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile, _no_password)
        except OSError as error:
            raise SettingsError(
                f"SHIFTCAST_SSL_CERTFILE is {settings.ssl_certfile}, SHIFTCAST_SSL_KEYFILE is "
                f"{settings.ssl_keyfile}: {_unread(error)}"
            ) from error
    return context


def _no_password() -> str:
    """Without this OpenSSL asks a worker's terminal for the password of an encrypted key."""
    return ""


def _unread(error: OSError) -> str:
    """What is wrong with a file of certificates; OpenSSL names neither the file nor the rule."""
    if isinstance(error, ssl.SSLError):
        return f"give PEM files that belong together, the key without a password ({error.reason or error})"
    return f"cannot be read ({error.strerror})"


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
    """A started admin client, closed at the end. Raises BrokerUnreachableError within `timeout_s` or so."""
    await require_broker(settings, timeout_s)
    client = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await asyncio.wait_for(client.start(), timeout_s)
    except (KafkaError, OSError, TimeoutError) as error:
        await client.close()
        raise BrokerAwayError(f"{settings.broker} answered once and no more: {error}") from error
    try:
        yield client
    finally:
        await client.close()


async def require_broker(settings: Settings, timeout_s: float = 5.0) -> None:
    """Returns when a broker lets this client in and can be reached where it says that it is. Raises
    BrokerUnreachableError: one line."""
    options = client_options(settings)
    del options["bootstrap_servers"]
    try:
        asked, brokers = await first_answer(split_addresses(settings.broker), timeout_s, **options)
    except NobodyAnswersError as error:
        away = all(isinstance(why, _AWAY) for why in error.reasons.values())
        kind = BrokerAwayError if away else BrokerUnreachableError
        raise kind(entry_refusal(settings, error.reasons)) from error
    if brokers and asked not in brokers and not await any_connects(brokers, timeout_s):
        raise BrokerUnreachableError(advertised_refusal(asked, brokers))


async def reachable(settings: Settings, timeout_s: float = 5.0) -> bool:
    """Is there a broker to work with?"""
    try:
        await require_broker(settings, timeout_s)
    except BrokerUnreachableError:
        return False
    return True
