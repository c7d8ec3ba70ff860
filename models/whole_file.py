"""Files that are there whole or not at all: written beside their place, on the disk, then moved there."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final

WRITING: Final = ".writing-"
"""How the name of a file begins that is not in its place yet; a process that was killed may leave it."""


def written_beside(path: Path, data: bytes, synced: bool = True) -> Path:
    """The bytes in a file that nobody looks for, in the folder of `path`, which it is then moved to. Not
    `synced`: a host that fails may leave another content. Raises OSError."""
    writing = path.with_name(f"{WRITING}{os.getpid()}-{threading.get_ident()}-{path.name}")
    with writing.open("wb") as file:
        file.write(data)
        if synced:
            file.flush()
            os.fsync(file.fileno())
    return writing
