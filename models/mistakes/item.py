"""Mistakes of an item that can be read: what ads cannot say of it, and why."""

from __future__ import annotations

from collections.abc import Iterator

from models.item import Item
from models.mistakes.mistake import Mistake, quoted
from models.money import INDEX, UNKNOWN_CURRENCY


def item_mistakes(
    item: Item, price: float | None, salesprice: float | None, currency: str | None
) -> Iterator[Mistake]:
    """Of an item and the offer its feed states; no ad shows a price that is not whole and positive."""
    if not item.title:
        yield Mistake("title", "error", "holds no letter that can be shown")
    if not item.noun:
        yield Mistake("noun", "warning", "is not given, and the end of cat names no word of the title")
    if price is None and salesprice is None:
        return
    index = INDEX.get((currency or "").upper(), 0)
    if index in (0, UNKNOWN_CURRENCY):
        what = "is missing" if currency is None else f"is {quoted(currency)}"
        yield Mistake("cur", "warning", f"{what}: no price is shown", "an ISO 4217 code, such as EUR")
    elif price is not None and salesprice is not None and salesprice > price:
        what = f"is {salesprice:.10g}, above price, {price:.10g}: none is shown"
        yield Mistake("salesprice", "warning", what)
    elif not (price or salesprice):
        yield Mistake("price", "warning", "is 0: no price is shown")
