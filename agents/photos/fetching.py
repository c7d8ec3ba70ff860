"""One photo over HTTP: from listed hosts at public addresses alone, within limits of bytes, type and time.

The name is resolved once, its addresses are judged, and the connection is made to those that were judged: a
name that answers otherwise the second time leads nowhere. Redirects are followed by hand, each judged anew.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from agents.photos.hosts import PhotoHostError, PhotoHosts, is_public
from models.scene.photo import FORMATS

MOST_BYTES: Final = 10_000_000
MOST_HOPS: Final = 3
WHOLE_S: Final = 5.0
CONNECT_S: Final = 2.0
_CHUNK: Final = 65_536
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {"Accept": ", ".join(FORMATS.values()), "User-Agent": "shiftcast-renderer"}


class FetchError(Exception):
    """A photo that was not had; `kind` for the metric, the message for the log."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class JudgedResolver(AbstractResolver):
    """Answers with public addresses alone; one that is not spoils the name."""

    def __init__(self, inner: AbstractResolver, may_visit: Callable[[str], bool]) -> None:
        self._inner = inner
        self._may_visit = may_visit

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """What aiohttp connects to. Raises PhotoHostError, OSError."""
        found = await self._inner.resolve(host, port, family)
        for each in found:
            if not self._may_visit(each["host"]):
                raise PhotoHostError(f"{host} is at {each['host']}, which is no public address")
        return found

    async def close(self) -> None:
        """Closes the one behind it."""
        await self._inner.close()


class PhotoFetcher:
    """Fetches between `open` and `close`."""

    def __init__(
        self,
        hosts: PhotoHosts,
        resolver: AbstractResolver | None = None,
        may_visit: Callable[[str], bool] = is_public,
        whole_s: float = WHOLE_S,
    ) -> None:
        self._hosts = hosts
        self._resolver = resolver
        self._may_visit = may_visit
        self._whole_s = whole_s

    async def open(self) -> None:
        """Connections come as they are needed."""
        resolver = JudgedResolver(self._resolver or ThreadedResolver(), self._may_visit)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, limit=16),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._whole_s, connect=CONNECT_S),
            headers=_HEADERS,
            auto_decompress=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Ends what is under way."""
        await self._session.close()

    async def fetch(self, url: str) -> bytes:
        """The bytes of a photo. Raises FetchError."""
        try:
            async with asyncio.timeout(self._whole_s):
                return await self._followed(url)
        except TimeoutError:
            raise FetchError("slow", f"not there within {self._whole_s:g} s") from None
        except PhotoHostError as error:
            raise FetchError("refused_host", str(error)) from None
        except FetchError:
            raise
        except Exception as error:  # what a host answers makes aiohttp raise what it likes
            refused = error.__cause__ if isinstance(error.__cause__, PhotoHostError) else None
            if refused is not None:
                raise FetchError("refused_host", str(refused)) from None
            raise FetchError("away", f"{type(error).__name__}: {error}") from None

    async def _followed(self, url: str) -> bytes:
        for _ in range(MOST_HOPS + 1):
            self._hosts.check(url)
            async with self._session.get(url, allow_redirects=False) as answer:
                if answer.status not in _REDIRECTS:
                    return await self._read(answer)
                try:
                    url = urljoin(url, answer.headers.get("Location", ""))
                except ValueError as error:
                    raise FetchError("redirects", f"a redirect to no address: {error}") from None
        raise FetchError("redirects", f"more than {MOST_HOPS} redirects")

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        if answer.status != 200:
            raise FetchError("status", f"status {answer.status}")
        kind = answer.content_type
        if kind not in FORMATS.values() or "Content-Encoding" in answer.headers:
            raise FetchError("type", f"{kind}; only {', '.join(FORMATS.values())}, as it is")
        if (answer.content_length or 0) > MOST_BYTES:
            raise FetchError("too_big", f"{answer.content_length} bytes; at most {MOST_BYTES:,}")
        data = bytearray()
        async for chunk in answer.content.iter_chunked(_CHUNK):
            data += chunk
            if len(data) > MOST_BYTES:
                raise FetchError("too_big", f"more than {MOST_BYTES:,} bytes")
        return bytes(data)
