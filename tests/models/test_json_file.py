"""Files of untyped JSON keep what they are given: order, text beyond ASCII, numbers of numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.json_file import read_json, write_json


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "note.json"
    value = {"z": "Grüße 雨", "a": [1, 2.5, None, True], "n": np.float64(0.5)}
    write_json(path, value)
    assert list(read_json(path)) == ["z", "a", "n"] and read_json(path) == {**value, "n": 0.5}
    assert "Grüße 雨" in path.read_text(encoding="utf-8") and path.read_bytes().endswith(b"}\n")


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": NaN}', b'{"a": "\xe9"}'])
def test_what_is_no_json_is_a_value_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "note.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"."):
        read_json(tmp_path / "note.json")
