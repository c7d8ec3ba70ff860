"""Mistakes of an item that can be read: what ads cannot say of it, and why."""

from __future__ import annotations

from collections.abc import Iterator

from models.item import GONE, OFFERED, Item, availability_word
from models.mistakes.mistake import Mistake, cited
from models.money import INDEX, UNKNOWN_CURRENCY, MoneyError, exact_minor


def item_mistakes(
    item: Item, price: float | None, salesprice: float | None, currency: str | None, availability: str
) -> Iterator[Mistake]:
    """Of an item and the offer its feed states; no ad shows a price that is not whole and positive."""
    if availability_word(availability) not in OFFERED | GONE:
        what = f"is {cited(availability)}: the item counts as available"
        yield Mistake("availability", "warning", what, "in_stock, out_of_stock, preorder, backorder")
    if not item.title:
        yield Mistake(
            "title", "error", "holds no letter that can be shown, or lost one (U+FFFD): it is not shown"
        )
    if not item.noun:
        yield Mistake("noun", "warning", "is not given, and the end of cat names no word of the title")
    if price is None and salesprice is None:
        return
    index = INDEX.get((currency or "").upper(), 0)
    if index in (0, UNKNOWN_CURRENCY):
        what = "is missing" if currency is None else f"is {cited(currency)}"
        yield Mistake("cur", "warning", f"{what}: no price is shown", "an ISO 4217 code, such as EUR")
    elif price is not None and salesprice is not None and salesprice > price:
        what = f"is {salesprice:.10g}, above price, {price:.10g}: none is shown"
        yield Mistake("salesprice", "warning", what)
    elif fault := _amount_fault(price, index):
        yield Mistake("price", "warning", f"{fault}: no price is shown")
    elif fault := _amount_fault(salesprice, index):
        yield Mistake("salesprice", "warning", f"{fault}: no price is shown")
    elif not (price or salesprice):
        yield Mistake("price", "warning", "is 0: no price is shown")


def _amount_fault(amount: float | None, currency: int) -> str:
    """Why no ad may show an amount; "" = it may."""
    if amount is None:
        return ""
    try:
        exact_minor(amount, currency)
    except MoneyError as error:
        return str(error)
    return ""
