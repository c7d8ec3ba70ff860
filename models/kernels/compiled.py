"""`@kernel`: compiled by numba, cached on disk under a key of all kernel sources.

numba's own cache looks at the file of the cached function only: after a change in a function that it calls,
or in a constant that it reads from another module, it would go on running the old code.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from numba import config, njit

_FOLDER: Final = Path(__file__).parents[1]
_IMPORT: Final = re.compile(r"^\s*from (models(?:\.\w+)+) import \(?\s*(\w+(?:,\s*\w+)*)", re.MULTILINE)


def sources(folder: Path) -> list[Path]:
    """The modules of the package `models` at `folder` that hold kernels, and all modules of it that these
    import, by path."""
    texts = {_dotted(path, folder): path.read_text("utf-8") for path in folder.rglob("*.py")}
    found: set[str] = set()
    ahead = [name for name, text in texts.items() if "import kernel\n" in text or "njit" in text]
    while ahead:
        name = ahead.pop()
        if name in texts and name not in found:
            found.add(name)
            for module, names in _IMPORT.findall(texts[name]):
                ahead += [module, *(f"{module}.{part.strip()}" for part in names.split(","))]
    return sorted(folder.joinpath(*name.split(".")[1:]).with_suffix(".py") for name in found)


def _dotted(path: Path, folder: Path) -> str:
    return ".".join(("models", *path.relative_to(folder).with_suffix("").parts))


def digest(paths: list[Path]) -> str:
    """16 hex digits of what the files say."""
    total = sha256()
    for path in paths:
        total.update(f"{path.parent.name}/{path.name}".encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


config.CACHE_DIR = str(
    Path(config.CACHE_DIR or _FOLDER / "__pycache__") / f"kernels-{digest(sources(_FOLDER))}"
)

kernel = njit(cache=True)
