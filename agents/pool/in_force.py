"""Which copywriter the pool is written by: the announced one, whether or not this worker could load it, so
that no two workers retire each other's entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from agents.pool.writing import PoolModel
from agents.writing.copywriters import Loaded
from streams.wire.announcements import CURRENT, Announced

DIGITS: Final = 16
"""Of the sha256 of a manifest, as entries name it."""


class PoolModels:
    """What is loaded here, and what was announced."""

    def __init__(
        self, loaded: Callable[[], Loaded], announced: Callable[[], Mapping[str, Announced]]
    ) -> None:
        self._loaded = loaded
        self._announced = announced

    def digest(self) -> str:
        """Of the copywriter in force."""
        said, loaded = self._announced().get(CURRENT), self._loaded()
        if said is not None and loaded.release is not None and said.since_ms > loaded.since_ms:
            return said.release.sha256[:DIGITS]
        return pool_model(loaded).digest

    def writing(self) -> PoolModel | None:
        """What this worker may write ahead with; None while another is in force."""
        mine = pool_model(self._loaded())
        return mine if mine.digest == self.digest() else None


def pool_model(loaded: Loaded) -> PoolModel:
    """How entries name a loaded copywriter; one outside of a registry goes by its own hash."""
    copywriter, release = loaded.copywriter, loaded.release
    if release is None:
        return PoolModel(copywriter, copywriter.model_hash, copywriter.model_hash)
    return PoolModel(copywriter, release.reference, release.sha256[:DIGITS])
