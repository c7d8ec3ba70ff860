"""A bucket over HTTP, as much of S3 as the store uses: get, put with conditions, delete, list."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET: Final = "ads"


class S3Server(ThreadingHTTPServer):
    """`objects` by path: bytes and headers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    server: S3Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    @property
    def _path(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}/")

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            self._answer(200, self._listing(query.get("prefix", [""])[0]))
        elif self._path in self.server.objects:
            data, headers = self.server.objects[self._path]
            self._answer(200, data, headers)
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        kept = {name: self.headers[name] for name in ("Content-Type", "Cache-Control") if self.headers[name]}
        kept |= {"ETag": f'"{hashlib.md5(data).hexdigest()}"', "Last-Modified": formatdate(usegmt=True)}
        with self.server.lock:
            there = self.server.objects.get(self._path)
            wanted = self.headers["If-Match"]
            if (self.headers["If-None-Match"] == "*" and there is not None) or (
                wanted is not None and (there is None or there[1]["ETag"] != wanted)
            ):
                self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
                return
            self.server.objects[self._path] = (data, kept)
        self._answer(200, b"", {"ETag": kept["ETag"]})

    def do_POST(self) -> None:
        """Deletes what the body lists."""
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        gone = re.findall("<Key>(.*?)</Key>", asked)
        for path in gone:
            self.server.objects.pop(path, None)
        told = "".join(f"<Deleted><Key>{path}</Key></Deleted>" for path in gone)
        self._answer(200, f"<DeleteResult>{told}</DeleteResult>".encode())

    def _listing(self, prefix: str) -> bytes:
        found = "".join(
            f"<Contents><Key>{escape(path)}</Key><Size>{len(data)}</Size><ETag>{escape(headers['ETag'])}</ETag>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for path, (data, headers) in sorted(self.server.objects.items())
            if path.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()

    def _answer(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """One that ends with the block."""
    server = S3Server()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
