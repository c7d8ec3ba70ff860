"""What a bench of W3 found, as a table."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def show(result: dict[str, Any]) -> None:
    """The table."""
    rows = result["phases"]
    table = Table(title="W3: from the intended send time of the causing event to the creative at a consumer")
    table.add_column("")
    for name in rows:
        table.add_column(name, justify="right")
    for key in next(iter(rows.values())):
        table.add_row(key, *map(_shown, (row[key] for row in rows.values())))
    console = Console()
    console.print(table)
    floor = " / ".join(f"{value:.1f}" for value in result["floor"].values())
    console.print(f"floor, a plain consumer that answers each event at once: p50/95/99 {floor} ms")
    console.print(
        f"profile updates missing: {result['missing_updates']}, too many: {result['extra_updates']}"
    )
