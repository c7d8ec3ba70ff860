"""Where compiled kernels are kept: one folder per state of the sources, beside the code or where
NUMBA_CACHE_DIR says, for a processor that many machines share.

numba's own cache looks at the file of the cached function only: after a change in a function that it calls,
or in a constant that it reads from another module, it would go on running the old code. It also wants a
folder that it may write, and code of exactly this processor: what an image brings along would not be found.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from llvmlite import binding
from numba import config
from numba.core.caching import CompileResultCacheImpl, FunctionCache, UserProvidedCacheLocator

ROOT: Final = Path(__file__).parents[2]
_PACKAGES: Final = ("models", "streams")
_DECLARES: Final = "from models.kernels.compiled import"

_LEVELS: Final = {
    "x86-64-v3": ("avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"),
    "x86-64-v2": ("cx16", "popcnt", "sse4.2", "ssse3"),
}
"""Names of the x86 psABI for what nearly all processors since 2013 and 2009 have, best first."""


def sources(root: Path) -> list[Path]:
    """The modules under `root` that declare kernels, and all modules that these import, by path."""
    paths = {_dotted(path, root): path for name in _PACKAGES for path in (root / name).rglob("*.py")}
    texts = {name: path.read_text("utf-8") for name, path in paths.items()}
    found: set[str] = set()
    ahead = [name for name, text in texts.items() if _DECLARES in text]
    while ahead:
        name = ahead.pop()
        if name in texts and name not in found:
            found.add(name)
            ahead += _imported(texts[name])
    return sorted(paths[name] for name in found)


def _imported(text: str) -> Iterator[str]:
    """Names of what a module takes from others, each of which may be a module itself."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def _dotted(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts)


def digest(paths: list[Path]) -> str:
    """16 hex digits of what the files say."""
    total = sha256()
    for path in paths:
        total.update(f"{path.parent.name}/{path.name}".encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


@cache
def kept_in() -> Path:
    """The folder of these sources' kernels."""
    return Path(config.CACHE_DIR or ROOT / "models" / "__pycache__") / f"kernels-{digest(sources(ROOT))}"


def processor(features: Mapping[str, bool]) -> str:
    """The most able processor by name that has nothing which this one lacks: kernels compiled for it run, and
    are found, on every machine that gets the same answer. `features` as llvmlite tells them."""
    if not features.get("sse2"):
        return "generic"
    able = (name for name, needed in _LEVELS.items() if all(map(features.get, needed)))
    return next(able, "x86-64")


def name_processor() -> None:
    """Compile for a named processor from here on, unless NUMBA_CPU_NAME says for which one."""
    if config.CPU_NAME is None:
        config.CPU_NAME, config.CPU_FEATURES = processor(binding.get_host_cpu_features()), ""


class _Place(UserProvidedCacheLocator):
    """A file per kernel in the one folder, read where it cannot be written."""

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        self._py_file, self._lineno = file, function.__code__.co_firstlineno
        self._module = function.__module__
        self._cache_path = str(kept_in())

    def get_disambiguator(self) -> str:
        return f"{self._module}-{self._lineno}"

    @classmethod
    def from_function(cls, function: Callable[..., Any], file: str) -> _Place:
        return cls(function, file)


class _Form(CompileResultCacheImpl):
    _locator_classes = (_Place,)


class KernelCache(FunctionCache):
    """What was compiled of one kernel. A folder that can be neither read nor written costs a compilation at
    each start."""

    _impl_class = _Form

    def load_overload(self, signature: Any, context: Any) -> Any:
        with suppress(OSError):
            return super().load_overload(signature, context)
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        with suppress(OSError):
            super().save_overload(signature, compiled)
