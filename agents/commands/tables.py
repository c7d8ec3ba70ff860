"""Tables for people and pipes: nothing that is typed again is cut or broken, whatever the width."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_UNBOUNDED: Final = 100_000


def print_table(table: Table, console: Console | None = None) -> None:
    """In a terminal that is wide enough, the table; in a narrow one, a paragraph per row where the table has
    more than two columns; in a pipe, a line per row without a frame."""
    console = console or Console(markup=False)  # texts come from records: [brackets] are theirs
    width = Measurement.get(console, console.options.update(max_width=_UNBOUNDED), table).maximum
    if not console.is_terminal:
        _print_lines(table, console, width)
    elif width <= console.width or len(table.columns) <= 2:
        console.print(table)
    else:
        _print_paragraphs(table, console)


def _print_lines(table: Table, console: Console, width: int) -> None:
    title, table.box, table.pad_edge, table.title = table.title, None, False, None
    console.width = width
    if title:
        console.file.write(f"{title}\n")
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        console.file.write(f"{line.rstrip()}\n")


def _print_paragraphs(table: Table, console: Console) -> None:
    """Each row: its first filled column alone on a line, then the others as `title value`, folded between
    words."""
    if table.title:
        console.print(table.title)
    rows = zip(*(map(str, column.cells) for column in table.columns), strict=True)
    for row in rows:
        (_, head), *others = [
            (str(column.header), cell) for column, cell in zip(table.columns, row, strict=True) if cell
        ]
        console.print(Text(head, style="bold"), soft_wrap=True)
        told = ", ".join(f"{title} {cell}".strip() for title, cell in others)
        console.print(Padding(Text(told, overflow="fold"), (0, 0, 0, 2)))
