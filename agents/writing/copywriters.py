"""The copywriter that the settings ask for, loaded; or the one line that says what to type."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agents.writing.by_language import ByLanguage
from agents.writing.drafts import DraftWriter
from agents.writing.stub import StubCopywriter
from models.brief.brief import Brief
from models.copywriter.generate import CANDIDATES
from models.copywriter.generate import Copywriter as OnnxCopywriter
from models.copywriter.prompt import TOLD_LANGUAGES
from models.copywriter.registry import MANIFEST_FILE, Registry, RegistryError, builtin_folder
from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import ProviderError
from models.release import Release
from streams.loud_end import RefusedError
from streams.settings import Settings

_WARM_UP = (1, 2, 4, 8, 16)
"""Sizes of the batches written before a copywriter takes over: its buffers and kernels are there when the
first request comes."""
_WARM_ENOUGH_S = 2.0
"""A large model takes longer than its buffers are worth: after so long no larger batch is written."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A copywriter, since when it is in force (Unix ms), and how to load the same again.

    `release` is None for a stub and for a folder outside of a registry: no announcement replaces those.
    """

    copywriter: DraftWriter
    again: Callable[[], DraftWriter]
    release: Release | None = None
    since_ms: int = 0


def announced_registry(settings: Settings) -> Registry | None:
    """The registry whose versions may be announced to this worker; None where one model is named by its
    folder, or a stub writes."""
    if settings.copywriter != "model" or (settings.registry_dir / MANIFEST_FILE).exists():
        return None
    return Registry(settings.registry_dir)


def bar_of(settings: Settings) -> float:
    """Least score of a draft that is served; 0 where a stub writes: no reader would run test copy."""
    return 0.0 if settings.copywriter.startswith("stub:") else settings.live_bar


def load_first(settings: Settings) -> Loaded:
    """What writes when a worker starts, warm: the first requests have a deadline like all others. Raises
    RefusedError when it cannot be used as asked."""
    kind, _, sleep_ms = settings.copywriter.partition(":")
    if kind == "stub":
        stub = StubCopywriter(float(sleep_ms))
        return Loaded(stub, lambda: stub)
    first = _first_of(settings)
    warm_up_copywriter(first.copywriter)
    return first


def _first_of(settings: Settings) -> Loaded:
    registry = announced_registry(settings)
    if registry is None:
        return _of_folder(
            builtin_folder() if settings.copywriter == "small" else settings.registry_dir, settings
        )
    try:
        if settings.model_dir is not None:
            registry.there()
        history, release = registry.history(), registry.current()
    except RegistryError as error:
        raise RefusedError(str(error)) from error
    return load_release(settings, registry, release, history[0].since_ms if history else 0)


def load_release(
    settings: Settings, registry: Registry, release: Release, since_ms: int, running: Loaded | None = None
) -> Loaded:
    """A version of the registry, its files checked. With the graphs of `running` it shares that one's
    sessions. Raises RefusedError."""

    def load(beside: DraftWriter | None = None) -> DraftWriter:
        near = _own(beside)
        try:
            folder = registry.folder(registry.whole(release))
            shared = None if near is None else near.sharing(folder)
            return _in_all_languages(shared or OnnxCopywriter.load(folder, settings.provider), settings)
        except (RegistryError, ModelFileError, ProviderError) as error:
            raise RefusedError(str(error)) from error

    return Loaded(load(running.copywriter if running else None), load, release, since_ms)


def _of_folder(folder: Path, settings: Settings) -> Loaded:
    def load() -> DraftWriter:
        try:
            return OnnxCopywriter.load(folder, settings.provider)
        except (ModelFileError, ProviderError) as error:
            raise RefusedError(str(error)) from error

    first = load()

    def again() -> DraftWriter:
        fresh = load()
        if fresh.model_hash != first.model_hash:
            raise RefusedError(
                f"the model is {fresh.model_hash} now and was {first.model_hash}: start the worker again"
            )
        return fresh

    return Loaded(first, again)


def _in_all_languages(copywriter: OnnxCopywriter, settings: Settings) -> DraftWriter:
    """With the one that comes with the program beside it where that knows more languages."""
    if set(TOLD_LANGUAGES) <= set(copywriter.locales) or not copywriter.locales:
        return copywriter
    return ByLanguage(copywriter, OnnxCopywriter.load(builtin_folder(), settings.provider))


def _own(copywriter: DraftWriter | None) -> OnnxCopywriter | None:
    """The model of a copywriter, None for what is none."""
    first = copywriter.first if isinstance(copywriter, ByLanguage) else copywriter
    return first if isinstance(first, OnnxCopywriter) else None


def share_sessions(one: DraftWriter, other: DraftWriter) -> bool:
    """Whether both compute with the same engine: what is loaded for one is there for the other."""
    first, second = _own(one), _own(other)
    return first is not None and second is not None and first.engine is second.engine


def warm_up_copywriter(copywriter: DraftWriter) -> None:
    """Write a few batches for nobody. Raises what the copywriter raises."""
    locales = getattr(copywriter, "locales", ()) or ("en",)
    brief = Brief("rq_warm_up", "warm_up", "native", "Brand", "Plain mug", "mug", locale=locales[0])
    began = time.monotonic()
    for size in _WARM_UP:
        copywriter.write([brief] * size, lambda: 1e9, lambda _brief, _copy: True, CANDIDATES)
        if time.monotonic() - began > _WARM_ENOUGH_S:
            return
