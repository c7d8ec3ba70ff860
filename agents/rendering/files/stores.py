"""Which store the settings ask for, and how long what is in it stays."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Final

from agents.photos.cache import PhotoCache
from agents.rendering.files.folder import FolderStore
from agents.rendering.files.store import AssetStore
from streams.loud_end import RefusedError, line_of
from streams.metrics.pictures import PICTURES_REMOVED
from streams.settings import Settings

REMOVE_S: Final = 600.0

log = logging.getLogger(__name__)


def store_of(settings: Settings, now_ms: Callable[[], int]) -> AssetStore:
    """A bucket where one is named, else the folder. Raises RefusedError, OSError."""
    if settings.assets_bucket is None:
        return FolderStore(settings.assets_dir)
    if find_spec("obstore") is None:
        raise RefusedError("SHIFTCAST_ASSETS_BUCKET needs the extra `s3`: pip install 'shiftcast[s3]'")
    from agents.rendering.files.bucket import BucketStore, bucket_at

    return BucketStore(bucket_at(settings.assets_bucket), now_ms)


async def remove_expired(store: AssetStore, cache: PhotoCache, now_ms: Callable[[], int]) -> None:
    """Every REMOVE_S, for ever: what no creative names any more, and photos that nobody used lately."""
    while True:
        try:
            PICTURES_REMOVED.inc(await asyncio.to_thread(store.remove_expired, now_ms()))
            await asyncio.to_thread(cache.remove_unused, time.time())
        except OSError as error:
            log.warning("pictures that nobody names could not be removed: %s", line_of(error))
        await asyncio.sleep(REMOVE_S)
