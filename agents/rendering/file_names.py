"""Names and types of what is stored: pictures and clips, named by what they are made of."""

from __future__ import annotations

import re
from typing import Final

from models.clip.formats import FORMATS

FIRST: Final = ".jpg"
"""Written last: where it is, all files of a name are."""
SUFFIXES: Final = {
    FIRST: "image/jpeg",
    ".avif": "image/avif",
    ".vtt": "text/vtt",
    **{each.suffix: each.mime for each in FORMATS.values()},
}
"""Files of a picture or a clip, with their types."""
HASH: Final = 40
FILE_NAME: Final = re.compile(rf"[0-9a-f]{{{HASH}}}(?:{'|'.join(map(re.escape, SUFFIXES))})")
NOTE: Final = ".told"
"""Beside the files: what a creative with this content is given."""
KEPT_AFTER_MS: Final = 86_400_000
"""So long a file stays after the last creative that names it expired."""


def type_of(name: str) -> str:
    """Type of a file by its name."""
    return SUFFIXES[name[HASH:]]
