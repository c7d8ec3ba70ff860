"""The name of one version of a copywriter. Loads nothing: workers that never write follow announcements as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BUILTIN: Final = "builtin"
"""Name of the copywriter that comes with the program; its version is that of its manifest."""


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a copywriter; `sha256` of its manifest, which in turn holds the sums of all its files."""

    name: str
    version: str
    sha256: str

    @property
    def reference(self) -> str:
        """How it is named on the command line."""
        return BUILTIN if self.name == BUILTIN else f"{self.name}/{self.version}"
