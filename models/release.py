"""The name of one version of a copywriter. Loads nothing: workers that never write follow announcements as
well."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

BUILTIN: Final = "builtin"
"""Name of the copywriter that comes with the program; its version is that of its manifest."""
_PART: Final = re.compile(r"\w[\w.+-]{0,99}")


def nameable(name: str, version: str) -> bool:
    """Whether a version can be called so: both parts become folders of the registry, and BUILTIN is taken."""
    return bool(_PART.fullmatch(name) and _PART.fullmatch(version)) and name != BUILTIN


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a copywriter; `sha256` of its manifest, which in turn holds the sums of all its
    files."""

    name: str
    version: str
    sha256: str

    @property
    def reference(self) -> str:
        """How it is named on the command line."""
        return BUILTIN if self.name == BUILTIN else f"{self.name}/{self.version}"
