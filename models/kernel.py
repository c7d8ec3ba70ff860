"""`@kernel`: compiled by numba, cached on disk under a key of all kernel sources.

numba's own cache looks at the file of the cached function only: after a change in a function that it calls, or in a constant that it reads
from another module, it would go on running the old code.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from numba import config, njit

_FOLDER: Final = Path(__file__).parent
_IMPORT: Final = re.compile(r"^\s*from models\.(\w+) import", re.MULTILINE)


def sources(folder: Path) -> list[Path]:
    """The modules of `folder` that hold kernels, and all modules of it that these import, in name order."""
    texts = {path.stem: path.read_text("utf-8") for path in folder.glob("*.py")}
    found: set[str] = set()
    ahead = [name for name, text in texts.items() if "import kernel\n" in text or "njit" in text]
    while ahead:
        name = ahead.pop()
        if name in texts and name not in found:
            found.add(name)
            ahead += _IMPORT.findall(texts[name])
    return [folder / f"{name}.py" for name in sorted(found)]


def digest(paths: list[Path]) -> str:
    """16 hex digits of what the files say."""
    total = sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


config.CACHE_DIR = str(Path(config.CACHE_DIR or _FOLDER / "__pycache__") / f"kernels-{digest(sources(_FOLDER))}")

kernel = njit(cache=True)
