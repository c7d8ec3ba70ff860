"""A public name of a class or function stands for one thing: in one module, whoever reads it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
WIRE: Final = "streams/records/"
"""Records are read as `r.Campaign`: the wire's form of the value of that name."""
ENTRIES: Final = {"main", "command", "start", "stop", "judge"}
"""What a command line or Faust calls by this name."""


def names_of(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def test_a_public_name_stands_in_one_module() -> None:
    modules: dict[str, list[str]] = defaultdict(list)
    for top in ("models", "streams", "agents"):
        for path in sorted((ROOT / top).rglob("*.py")):
            where = str(path.relative_to(ROOT))
            for name in names_of(path):
                if not name.startswith("_") and not where.startswith(WIRE):
                    modules[name].append(where)
    assert len(modules) > 2_000
    shared = {name: found for name, found in modules.items() if len(found) > 1 and name not in ENTRIES}
    assert shared == {}
