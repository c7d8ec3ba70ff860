"""What was probably meant by a value of another type or out of range."""

from __future__ import annotations

import pytest

from models.mistakes.typed import meant_at


@pytest.mark.parametrize(
    ("path", "value", "expected", "meant"),
    [
        ("pool.material[0].near", {"i1": 2}, "float <= 1.0", ""),
        ("share", 50, "float <= 1.0", "0.5"),
        ("share", True, "float <= 1.0", ""),
        ("share", None, "float <= 1.0", ""),
        ("price", "1,20", "float", "1.20"),
        ("price", "\u0663", "int", ""),
    ],
)
def test_what_was_meant_is_json_or_nothing(path: str, value: object, expected: str, meant: str) -> None:
    assert meant_at(path, value, expected) == meant
