"""Names and types of what is stored: pictures and clips, named by what they are made of."""

from __future__ import annotations

import re
from hashlib import sha256
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
NAME: Final = re.compile(rf"[0-9a-f]{{{HASH}}}")
FILE_NAME: Final = re.compile(rf"{NAME.pattern}(?:{'|'.join(map(re.escape, SUFFIXES))})")
NOTE: Final = ".told"
"""Beside the files: what a creative with this content is given."""
CACHED_S: Final = 604_800
"""So long whoever stands between store and browser may keep a file."""
CACHE_CONTROL: Final = f"public, max-age={CACHED_S}, immutable"
GONE: Final = ".gone"
"""Of a creative that was let go."""
KEPT_AFTER_MS: Final = 86_400_000
"""So long a file stays after the last creative that names it expired."""
LET_GO_MS: Final = 3_600_000
"""So long after the last that names it was let go: another creative may be out whose first version names it,
and whose request waits."""


def type_of(name: str) -> str:
    """Type of a file by its name."""
    return SUFFIXES[name[HASH:]]


def gone_name(creative_id: str) -> str:
    """What says that a creative was let go."""
    return f"{sha256(creative_id.encode()).hexdigest()[:HASH]}{GONE}"


def name_in(url: str) -> str:
    """The name of the files that an address of one of them is of."""
    return url.rpartition("/")[2][:HASH]
