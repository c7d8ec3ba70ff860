"""Clients: what the security settings become, and one readable line when no broker answers."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import faust
import pytest

from streams.broker.clients import BrokerAwayError, admin, client_options, faust_credentials, reachable
from streams.knobs.knob import SettingsError
from streams.settings import Settings

NOWHERE = Settings(broker="127.0.0.1:1")


def sasl(protocol: str) -> Settings:
    return Settings(
        security_protocol=protocol,
        sasl_mechanism="SCRAM-SHA-256",
        sasl_username="worker",
        sasl_password="secret",
    )


def test_a_plain_broker_needs_only_its_address() -> None:
    assert client_options(Settings(broker="kafka:9092")) == {
        "bootstrap_servers": "kafka:9092",
        "security_protocol": "PLAINTEXT",
    }
    assert faust_credentials(Settings()) is None


def test_login_and_tls_reach_both_clients() -> None:
    options = client_options(sasl("SASL_SSL"))
    assert (options["sasl_mechanism"], options["sasl_plain_username"]) == ("SCRAM-SHA-256", "worker")
    context = options["ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert "ssl_context" not in client_options(sasl("SASL_PLAINTEXT"))
    credentials: Any = faust_credentials(sasl("SASL_SSL"))
    assert isinstance(credentials, faust.SASLCredentials)
    assert (credentials.username, credentials.mechanism.value) == ("worker", "SCRAM-SHA-256")
    assert isinstance(faust_credentials(Settings(security_protocol="SSL")), faust.SSLCredentials)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "[::1]:1", "no.such.host.invalid:9092"])
def test_an_address_where_nothing_answers_is_unreachable(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert not asyncio.run(reachable(Settings(broker=address)))
    assert caplog.text == "", "the one line is the caller's"


def test_no_broker_is_one_line_that_says_what_to_type() -> None:
    async def run() -> None:
        async with admin(NOWHERE):
            pass

    with pytest.raises(BrokerAwayError, match=r"127\.0\.0\.1:1.*shiftcast broker start") as caught:
        asyncio.run(run())
    assert "\n" not in str(caught.value)
    assert not asyncio.run(reachable(NOWHERE))


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_files_of_certificates_that_cannot_be_used_are_one_line(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    if content is not None:
        file.write_text(content)
    for settings, name in (
        (Settings(security_protocol="SSL", ssl_cafile=file), "SHIFTCAST_SSL_CAFILE"),
        (Settings(security_protocol="SSL", ssl_certfile=file), "SHIFTCAST_SSL_CERTFILE"),
    ):
        with pytest.raises(SettingsError, match=rf"{name} is .*authority\.pem") as caught:
            client_options(settings)
        assert "\n" not in str(caught.value)


@pytest.mark.broker
def test_a_real_broker_is_reachable(broker: str) -> None:
    assert asyncio.run(reachable(Settings(broker=broker)))
