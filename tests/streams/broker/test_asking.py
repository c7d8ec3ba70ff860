"""Every way in which a broker does not let a client in is one line that names the setting to turn; one server
that hangs does not keep a client from the others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.client import AIOKafkaClient

from streams.broker.clients import BrokerUnreachableError, admin, client_options, require_broker
from streams.settings import Settings
from tests.streams.broker.doors import Doors, broker_with_doors, door


def refusal(settings: Settings, timeout_s: float = 5.0) -> str:
    """What an operator reads; "" when the way in is open."""
    try:
        asyncio.run(require_broker(settings, timeout_s))
    except BrokerUnreachableError as error:
        assert "\n" not in str(error)
        return str(error)
    return ""


def login(
    address: str, protocol: str = "SASL_PLAINTEXT", mechanism: str = "PLAIN", password: str = "secret"
) -> Settings:
    return Settings(
        broker=address,
        security_protocol=protocol,
        sasl_mechanism=mechanism,
        sasl_username="worker",
        sasl_password=password,
    )


@pytest.mark.parametrize(
    ("says", "protocol", "told"),
    [
        (None, "PLAINTEXT", "no answer in time"),
        (None, "SSL", "no answer in time"),
        (b"", "PLAINTEXT", "SHIFTCAST_SECURITY_PROTOCOL=SSL"),
        (b"", "SSL", "SHIFTCAST_SECURITY_PROTOCOL=PLAINTEXT"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "SSL", "SHIFTCAST_SECURITY_PROTOCOL=PLAINTEXT"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "PLAINTEXT", "no Kafka answers at"),
    ],
)
def test_a_port_that_is_no_kafka_says_what_to_turn(
    says: bytes | None, protocol: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> str:
        async with door(says) as address:
            with pytest.raises(BrokerUnreachableError) as caught:
                await require_broker(Settings(broker=address, security_protocol=protocol), 0.5)
            return str(caught.value)

    line = asyncio.run(run())
    assert told in line and "\n" not in line
    assert caplog.text == "", "the one line is the caller's"


def test_each_of_several_servers_is_told_apart() -> None:
    line = refusal(Settings(broker="127.0.0.1:1, no.such.host.invalid:9092"))
    assert "127.0.0.1:1: connection refused" in line and "no.such.host.invalid:9092: no host has" in line


def test_who_named_no_broker_reads_where_one_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    line = refusal(Settings.from_environ({}, tmp_path))
    assert not line or f"there is no {tmp_path / '.shiftcast/broker/address'}" in line
    address = tmp_path / ".shiftcast" / "broker" / "address"
    address.parent.mkdir(parents=True)
    address.write_text("127.0.0.1:1\n")
    line = refusal(Settings.from_environ({}, tmp_path))
    assert f"the address stands in {address}" in line and "shiftcast broker start" in line


@pytest.mark.broker
def test_a_server_that_hangs_does_not_hold_up_a_client(broker: str) -> None:
    async def run() -> None:
        async with door(None) as hung:
            settings = Settings(broker=f"{hung},{broker}")
            async with admin(settings) as client:
                assert await client.describe_topics() is not None
            for _ in range(4):  # the order of the servers is drawn anew each time
                one = AIOKafkaClient(**client_options(settings))
                await one.bootstrap()
                await one.close()

    asyncio.run(asyncio.wait_for(run(), AIOKafkaClient.__init__.__kwdefaults__["request_timeout_ms"] / 1000))


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with broker_with_doors(Path(tmp_path_factory.mktemp("doors"))) as each:
        yield each


@pytest.mark.broker
def test_the_right_settings_open_every_door(doors: Doors) -> None:
    for settings in (
        Settings(broker=doors.plain),
        login(doors.login),
        Settings(broker=doors.tls, security_protocol="SSL", ssl_cafile=doors.authority),
    ):
        assert refusal(settings) == ""


@pytest.mark.broker
def test_each_wrong_setting_is_named(doors: Doors) -> None:
    for settings, told in (
        (login(doors.login, password="wrong"), "refuses the login of worker by PLAIN"),
        (login(doors.login, mechanism="SCRAM-SHA-256"), "set SHIFTCAST_SASL_MECHANISM"),
        (Settings(broker=doors.login), "set SHIFTCAST_SECURITY_PROTOCOL=SASL_PLAINTEXT"),
        (login(doors.plain), "set SHIFTCAST_SECURITY_PROTOCOL=PLAINTEXT"),
        (Settings(broker=doors.tls), "set SHIFTCAST_SECURITY_PROTOCOL=SSL"),
        (Settings(broker=doors.plain, security_protocol="SSL"), "SHIFTCAST_SECURITY_PROTOCOL=PLAINTEXT"),
        (login(doors.login, "SASL_SSL"), "SHIFTCAST_SECURITY_PROTOCOL=SASL_PLAINTEXT"),
        (Settings(broker=doors.tls, security_protocol="SSL"), "SHIFTCAST_SSL_CAFILE"),
        (Settings(broker=doors.astray), "sends its clients to 127.0.0.1:1"),
    ):
        line = refusal(settings)
        assert told in line, f"{settings.security_protocol} at {settings.broker}: {line}"
        assert "secret" not in line and "broker start" not in line
