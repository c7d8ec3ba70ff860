"""A bucket over HTTP: moto in server mode."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import requests
from moto.server import ThreadedMotoServer

BUCKET: Final = "ads"


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of one that ends with the block; it has the bucket and nothing in it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        requests.post(f"{address}/moto-api/reset", timeout=60).raise_for_status()
        requests.put(f"{address}/{BUCKET}", timeout=60).raise_for_status()
        yield address
    finally:
        server.stop()
