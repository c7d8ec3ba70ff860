"""Moves the registry's pointer and tells the workers, in this order: a worker that starts in between reads
the pointer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from models.copywriter.registry import MANIFEST_FILE, Move, Registry, RegistryError
from models.release import Release
from streams.artifacts.announcements import CURRENT, SHADOW, TRIAL, Announced, announcement_output
from streams.broker.clients import require_broker
from streams.broker.producer import send_once
from streams.loud_end import RefusedError
from streams.settings import Settings


def registry_of(settings: Settings) -> Registry:
    """The registry of the settings, which need not be there yet. Raises RefusedError when they name one model
    instead."""
    if (settings.registry_dir / MANIFEST_FILE).exists():
        raise RefusedError(
            f"SHIFTCAST_MODEL_DIR is {settings.registry_dir}, the folder of one model: set it to a registry "
            "of several, or unset it for "
            "the registry .shiftcast/models"
        )
    return Registry(settings.registry_dir)


def standing_registry(settings: Settings) -> Registry:
    """The same, to be read: one that the settings name must be there. Raises RefusedError."""
    registry = registry_of(settings)
    try:
        return registry if settings.model_dir is None else registry.there()
    except RegistryError as error:
        raise RefusedError(str(error)) from error


def found(registry: Registry, which: str) -> Release:
    """NAME/VERSION, `builtin`, or a model folder, which is first added to the registry. Raises
    RefusedError."""
    if (Path(which) / "config.json").is_file():
        raise RefusedError(
            f"{which} is a Hugging Face checkpoint: make a model folder of it first, `shiftcast model "
            f"export {which}`"
        )
    try:
        return registry.add(Path(which)) if (Path(which) / MANIFEST_FILE).is_file() else registry.find(which)
    except RegistryError as error:
        raise RefusedError(str(error)) from error


def current(registry: Registry) -> Release:
    """What writes now. Raises RefusedError when it is missing or damaged."""
    try:
        return registry.current()
    except RegistryError as error:
        raise RefusedError(str(error)) from error


async def announce_current(
    settings: Settings, move: Callable[[], Move], now_ms: int, offline: bool = False
) -> Move:
    """Move the pointer and announce what it names now; `offline` only moves it. Raises RefusedError before
    anything has changed."""
    if not offline:
        await require_broker(settings)
    try:
        moved = move()
    except RegistryError as error:
        raise RefusedError(str(error)) from error
    if not offline:
        await _announce(settings, CURRENT, Announced(moved.release, moved.since_ms), now_ms)
    return moved


async def let_shadow(
    settings: Settings, choose: Callable[[], Release | None], share: float, now_ms: int
) -> Release | None:
    """Announce what writes beside the current version for a share of requests; None ends it. Raises
    RefusedError before anything has changed when there is no broker."""
    await require_broker(settings)
    release = choose()
    await _announce(settings, SHADOW, None if release is None else Announced(release, now_ms, share), now_ms)
    return release


async def let_write_for_arms(settings: Settings, releases: Iterable[Release], now_ms: int) -> None:
    """Announce what writes for arms of experiments; the workers load each beside what writes for everyone."""
    for release in releases:
        await _announce(settings, TRIAL + release.reference, Announced(release, now_ms), now_ms)


async def end_for_arms(settings: Settings, references: Iterable[str], now_ms: int) -> None:
    """No arm is written by these any more."""
    for reference in references:
        await _announce(settings, TRIAL + reference, None, now_ms)


async def _announce(settings: Settings, role: str, said: Announced | None, now_ms: int) -> None:
    await send_once(settings, [announcement_output(role, said, now_ms)])
