"""Rows of the feedback app that earlier builds stored are read with the values they had; those of a newer
build are refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from streams.loud_end import RefusedError
from tests.golden.feedback_rows import FOLDER, LAYOUTS, told

VERSIONS = [(kind, version) for kind, each in LAYOUTS.items() for version in range(1, each.version + 1)]


def rows_of(kind: str, version: int) -> list[tuple[bytes, bytes, Any]]:
    found = json.loads((FOLDER / kind / f"{version}.json").read_text())
    return [(each["key"].encode("latin-1"), base64.b64decode(each["stored"]), each["says"]) for each in found]


@pytest.mark.parametrize(("kind", "version"), VERSIONS)
def test_rows_of_every_version_are_read_with_the_values_they_had(kind: str, version: int) -> None:
    rows = rows_of(kind, version)
    assert rows
    for key, stored, says in rows:
        assert (stored[0], stored[1]) == (version, ord(kind))
        assert told(key, stored) == says
        with pytest.raises(RefusedError):
            told(key, bytes([LAYOUTS[kind].version + 1]) + stored[1:])


def test_the_folder_holds_every_version_of_every_kind() -> None:
    found = {(path.parent.name, int(path.stem)) for path in FOLDER.glob("*/*.json")}
    assert found == set(VERSIONS)
