"""A bucket over HTTP: moto in server mode."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import requests
from moto.server import ThreadedMotoServer

BUCKET: Final = "ads"


class S3Server:
    """It dies and returns at the same address, with all that it had."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        host, self._port = self._server.get_host_and_port()
        self.address = f"http://{host}:{self._port}"

    def stop(self) -> None:
        """Connections are refused when this returns."""
        self._server.stop()

    def start(self) -> None:
        """Again, after `stop`."""
        self._server = ThreadedMotoServer("127.0.0.1", self._port, verbose=False)
        self._server.start()


@contextmanager
def mortal_s3_server() -> Iterator[S3Server]:
    """One that ends with the block; it has the bucket and nothing in it."""
    server = S3Server()
    try:
        requests.post(f"{server.address}/moto-api/reset", timeout=60).raise_for_status()
        requests.put(f"{server.address}/{BUCKET}", timeout=60).raise_for_status()
        yield server
    finally:
        server.stop()


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of such a one."""
    with mortal_s3_server() as server:
        yield server.address
