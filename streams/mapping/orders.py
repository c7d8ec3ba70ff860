"""What an order took: of its lines those that were bought, none of what came back."""

from __future__ import annotations

from streams import records as r


def taken_items(e: r.Conversion) -> list[str]:
    """Item ids of the lines that were taken, each once, in order. Where a line says that it is a return the
    others were taken; where the money alone says so, nothing was."""
    if not any(line.qty < 0 for line in e.items) and order_worth(e) < 0:
        return []
    return list(dict.fromkeys(line.item_id for line in e.items if line.qty > 0))


def order_worth(e: r.Conversion) -> float:
    """The stated value, else the sum of the lines that have a price; units of the currency."""
    if e.value is not None:
        return e.value
    return sum(line.qty * line.price for line in e.items if line.price is not None)
