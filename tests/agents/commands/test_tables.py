"""What `dead-letters list` and its like show: in a wide terminal, in a narrow one, in a pipe."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

import agents
from agents.commands.tables import print_table

ROWS = (
    (
        "ads.conversion.v1/11/1234567890",
        "wrong_partition",
        "2026-11-28 22:00:00",
        "120",
        "8d1f3af3c2a4",
        "by [murmur2]",
    ),
    (
        "ads.click.v1/2/17",
        "not_json",
        "2026-11-28 22:00:01",
        "9",
        "8d1f3af3c2a5",
        "no object, for its first byte is 0xff",
    ),
)


def shown(width: int, terminal: bool, rows: tuple[tuple[str, ...], ...] = ROWS) -> str:
    table = Table("id", "reason", "when (UTC)", "bytes", "key (hashed)", "message", title="Refused")
    for row in rows:
        table.add_row(*row)
    told = io.StringIO()
    print_table(
        table, Console(file=told, width=width, force_terminal=terminal, color_system=None, markup=False)
    )
    return told.getvalue()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_what_is_typed_again_stands_whole_on_one_line(width: int) -> None:
    lines = shown(width, True).splitlines()
    assert max(map(len, lines)) <= width
    for row in ROWS:
        assert any(row[0] in line for line in lines) and any(row[1] in line for line in lines)
        assert all(word in shown(width, True) for cell in row for word in cell.split())


@pytest.mark.parametrize("width", [10, 80])
def test_in_a_pipe_each_row_is_one_line_whatever_a_terminal_would_have(width: int) -> None:
    title, head, *lines = shown(width, False).splitlines()
    assert title == "Refused" and head.split("  ")[0] == "id"
    assert [line.split()[0] for line in lines] == [row[0] for row in ROWS]
    assert all(cell in line for line, row in zip(lines, ROWS, strict=True) for cell in row)
    assert all(line == line.rstrip() for line in (title, head, *lines))


def test_tables_are_printed_nowhere_else() -> None:
    """What prints one itself cuts it at the width of a terminal, in a pipe at 80 columns."""
    folder = Path(agents.__file__).parent
    printing = re.compile(r"\.print\(\s*\w*[tT]able\w*\b")
    found = {path.name for path in folder.rglob("*.py") if printing.search(path.read_text())}
    assert found == {"tables.py"}
