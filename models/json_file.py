"""Files of untyped JSON: manifests, notes, configurations of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson


def read_json(path: Path) -> Any:
    """What the file holds. Raises OSError, and ValueError for what is not JSON in UTF-8."""
    return orjson.loads(path.read_bytes())


def write_json(path: Path, value: Any) -> None:
    """Indented, keys in their own order, numpy's numbers as numbers."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY
    path.write_bytes(orjson.dumps(value, option=options))
