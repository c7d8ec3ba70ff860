"""The copywriters that were announced: would a generator on this machine find them?"""

from __future__ import annotations

from collections.abc import Mapping

from agents.checks.finding import CheckFinding
from streams.artifacts.announcements import Announced
from streams.settings import Settings


def copywriter_findings(settings: Settings, announced: Mapping[str, Announced]) -> list[CheckFinding]:
    """One per role that something was announced for; none where this machine writes no copy that
    announcements change."""
    try:
        from models.copywriter.registry import MANIFEST_FILE, Registry, RegistryError
    except ImportError:
        return []  # the model's own finding says what is missing
    if settings.copywriter != "model" or (settings.registry_dir / MANIFEST_FILE).exists():
        return []
    registry, found = Registry(settings.registry_dir), []
    for role, said in sorted(announced.items()):
        what = f"{said.release.reference} is announced as {role}"
        try:
            registry.whole(said.release)
        except RegistryError as error:
            repair = f"copy the version's folder into {settings.registry_dir}, or `shiftcast model rollback`"
            found.append(
                CheckFinding("error", "copywriter", f"{what} and cannot be used here: {error}", repair)
            )
        else:
            found.append(CheckFinding("ok", "copywriter", f"{what}, its files are whole"))
    return found
