"""The photo at an address: from the folder, else fetched once; an address that gave none rests a while."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final, Protocol
from urllib.parse import urlsplit

from agents.photos.cache import FRESH_S, PhotoCache
from agents.photos.fetching import FetchError
from models.scene.photo import PhotoError, read_photo
from streams.metrics.pictures import PHOTOS

log = logging.getLogger(__name__)

REST_S: Final = 600.0
"""An address that gave no photo is not asked for so long."""
HOST_REST_S: Final = 60.0
"""The same of a host that did not answer."""
AT_ONCE: Final = 8
"""Photos that are on their way; each is held in memory until it is unpacked, one after the other."""
MOST_RESTING: Final = 10_000
_OF_HOST: Final = frozenset({"slow", "away"})


class Fetches(Protocol):
    """What a finder needs of a fetcher."""

    async def fetch(self, url: str) -> bytes:
        """The bytes of a photo. Raises FetchError."""


class PhotoFinder:
    """`clock_s`: Unix s. `find` may run at once for several addresses; each is fetched by one of them."""

    def __init__(self, fetcher: Fetches, cache: PhotoCache, clock_s: Callable[[], float]) -> None:
        self._fetcher = fetcher
        self._cache = cache
        self._clock_s = clock_s
        self._coming = asyncio.Semaphore(AT_ONCE)
        self._unpacking = asyncio.Lock()
        self._resting: OrderedDict[str, float] = OrderedDict()  # address, host or warning -> until when

    async def find(self, urls: Iterable[str]) -> dict[str, str]:
        """Names of the photos that are had, by address. Raises OSError of the folder."""
        wanted = list(dict.fromkeys(url for url in urls if url))
        names = await asyncio.gather(*map(self._in_turn, wanted))
        return {url: name for url, name in zip(wanted, names, strict=True) if name}

    def rests(self, url: str) -> bool:
        """Whether the host of an address did not answer a moment ago: a photo may come from there later."""
        return self._resting.get(_host(url), 0.0) > self._clock_s()

    async def _in_turn(self, url: str) -> str:
        async with self._coming:
            return await self._find(url)

    async def _find(self, url: str) -> str:
        now_s = self._clock_s()
        known = await asyncio.to_thread(self._cache.known, url)
        if known is not None and known[1] + FRESH_S > now_s:
            return known[0]
        older = known[0] if known is not None else ""
        host = _host(url)
        if any(self._resting.get(each, 0.0) > now_s for each in (url, host)):
            return older
        try:
            data = await self._fetcher.fetch(url)
            async with self._unpacking:
                photo = await asyncio.to_thread(read_photo, data)
        except FetchError as error:
            if error.kind in _OF_HOST:
                self._rest(host, now_s + HOST_REST_S)
            else:
                self._rest(url, now_s + REST_S)
            return self._missed(url, error.kind, error, older)
        except PhotoError as error:
            self._rest(url, now_s + REST_S)
            return self._missed(url, "unreadable", error, older)
        PHOTOS.labels("fetched").inc()
        return await asyncio.to_thread(self._cache.put, url, data, photo, now_s)

    def _missed(self, url: str, kind: str, error: Exception, older: str) -> str:
        PHOTOS.labels(kind).inc()
        host, now_s = _host(url), self._clock_s()
        if self._resting.get(f"{kind} {host}", 0.0) <= now_s:
            log.warning("no photo from %s: %s; the next of this kind are counted, not told", host, error)
            self._rest(f"{kind} {host}", now_s + REST_S)
        return older

    def _rest(self, what: str, until_s: float) -> None:
        self._resting[what] = until_s
        self._resting.move_to_end(what)
        if len(self._resting) > MOST_RESTING:
            self._resting.popitem(last=False)


def _host(url: str) -> str:
    """With its port; '' of what is no address, which no host of the list is either."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
