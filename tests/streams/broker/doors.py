"""Ports that are no way into a Kafka: one that hangs, one that hangs up, one that says something else; and a
broker with a port of each kind."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from streams.local_broker import server as local
from streams.local_broker.files import server_properties
from streams.local_broker.server import Broker


@asynccontextmanager
async def door(says: bytes | None) -> AsyncIterator[str]:
    """Address of a server that says this to whoever connects and hangs up; None: it says nothing and holds
    on."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if says is None:
            await ended.wait()
        else:
            await reader.read(64)
            writer.write(says)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        ended.set()
        server.close()
        await server.wait_closed()


@dataclass(frozen=True)
class Doors:
    """Addresses of one broker: open, with a login (worker, secret; mechanism PLAIN), with TLS under
    `authority`, and one whose clients are sent to where nobody is."""

    plain: str
    login: str
    tls: str
    astray: str
    authority: Path


@contextmanager
def broker_with_doors(folder: Path) -> Iterator[Doors]:
    """A broker that listens on four ports. Skips the test without openssl, which makes its certificate."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    key, authority = folder / "key.pem", folder / "authority.pem"
    command = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext"
    subprocess.run(
        [openssl, *command.split(), "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", authority],
        check=True,
        capture_output=True,
    )
    (folder / "store.pem").write_text(key.read_text() + authority.read_text())
    login, tls, astray = _free_ports(3)

    def properties(data: Path, port: int, controller_port: int) -> str:
        return _with_doors(
            server_properties(data, port, controller_port), folder / "store.pem", login, tls, astray
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "server_properties", properties)
        broker = Broker(folder / "broker")
        status = broker.start()
    assert status.address is not None
    try:
        yield Doors(
            status.address, f"127.0.0.1:{login}", f"127.0.0.1:{tls}", f"127.0.0.1:{astray}", authority
        )
    finally:
        broker.stop()


def _with_doors(text: str, store: Path, login: int, tls: int, astray: int) -> str:
    lines = dict(line.split("=", 1) for line in text.splitlines())
    lines["listeners"] += f",LOGIN://127.0.0.1:{login},TLS://127.0.0.1:{tls},ASTRAY://127.0.0.1:{astray}"
    lines["advertised.listeners"] += f",LOGIN://127.0.0.1:{login},TLS://127.0.0.1:{tls},ASTRAY://127.0.0.1:1"
    lines["listener.security.protocol.map"] += ",LOGIN:SASL_PLAINTEXT,TLS:SSL,ASTRAY:PLAINTEXT"
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    lines |= {
        "listener.name.login.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.login.plain.sasl.jaas.config": f'{module} required user_worker="secret";',
        "listener.name.tls.ssl.keystore.type": "PEM",
        "listener.name.tls.ssl.keystore.location": str(store),
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()
