"""What an operator can put right is one line; a defect keeps its place in the code."""

from __future__ import annotations

import pytest
from aiokafka.errors import TopicAuthorizationFailedError

from streams.loud_end import RefusedError, line_of, mistake_of


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RefusedError("set\n  this"), "set this"),
        (PermissionError(13, "Permission denied", "/data/rows"), "/data/rows: Permission denied"),
        (TopicAuthorizationFailedError("ads.click.v1"), "ads.click.v1"),
    ],
)
def test_a_mistake_is_one_line(error: Exception, told: str) -> None:
    line = mistake_of(error)
    assert line is not None and told in line and "\n" not in line
    assert line_of(error) == line


def test_a_defect_is_no_mistake_and_names_its_place() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        assert mistake_of(error) is None
        assert line_of(error).startswith("ValueError: two lines (at test_loud_end.py:")
    assert mistake_of(OSError("no file")) is None
