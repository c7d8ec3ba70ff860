"""Which store the settings ask for."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from agents.rendering.store import AssetStore, FolderStore
from streams.loud_end import RefusedError
from streams.settings import Settings


def store_of(settings: Settings, now_ms: Callable[[], int]) -> AssetStore:
    """A bucket where one is named, else the folder. Raises RefusedError, OSError."""
    if settings.assets_bucket is None:
        return FolderStore(settings.assets_dir)
    if find_spec("obstore") is None:
        raise RefusedError("SHIFTCAST_ASSETS_BUCKET needs the extra `s3`: pip install 'shiftcast[s3]'")
    from agents.rendering.bucket import BucketStore, bucket_at

    return BucketStore(bucket_at(settings.assets_bucket), now_ms)
