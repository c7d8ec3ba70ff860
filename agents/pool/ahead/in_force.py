"""Which copywriter the pool is written by: the announced one, whether or not this worker could load it, so
that no two workers retire each other's entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agents.pool.ahead.writing import PoolModel
from agents.writing.copywriters import Loaded
from models.release import Release
from streams.artifacts.announcements import CURRENT, Announced


class PoolModels:
    """What is loaded here, and what was announced."""

    def __init__(
        self, loaded: Callable[[], Loaded], announced: Callable[[], Mapping[str, Announced]]
    ) -> None:
        self._loaded = loaded
        self._announced = announced

    def name(self) -> str:
        """Of the copywriter in force."""
        said, loaded = self._announced().get(CURRENT), self._loaded()
        if said is not None and loaded.release is not None and said.since_ms > loaded.since_ms:
            return _name(said.release)
        return pool_model(loaded).name

    def writing(self) -> PoolModel | None:
        """What this worker may write ahead with; None while another is in force."""
        mine = pool_model(self._loaded())
        return mine if mine.name == self.name() else None


def pool_model(loaded: Loaded) -> PoolModel:
    """How entries name a loaded copywriter: a name and version are one model, on any host and processor;
    one outside of a registry goes by its hash."""
    copywriter, release = loaded.copywriter, loaded.release
    return PoolModel(copywriter, copywriter.model_hash if release is None else _name(release))


def _name(release: Release) -> str:
    return f"{release.name}/{release.version}"
