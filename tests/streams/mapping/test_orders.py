"""What an order took, and what came back."""

from __future__ import annotations

import pytest

from streams import records as r
from streams.mapping.orders import taken_items


def order(*lines: tuple[str, float, float | None], value: float | None = None) -> list[str]:
    items = [r.ConversionItem(*line) for line in lines]
    return taken_items(r.Conversion(id="o", ts=1, user="u", type="purchase", value=value, items=items))


@pytest.mark.parametrize("value", [None, 0, 12.5])
def test_every_line_with_a_quantity_was_taken_once(value: float | None) -> None:
    assert order(("a", 1, None), ("b", 2, None), ("a", 1, None), ("c", 0, None), value=value) == ["a", "b"]
    assert order() == []


def test_a_return_takes_nothing() -> None:
    assert order(("a", 1, None), value=-3) == []
    assert order(("a", -1, None)) == order(("a", -1, 5)) == order(("a", 1, -5)) == []


def test_of_an_exchange_the_lines_that_do_not_come_back_were_taken() -> None:
    assert order(("a", -1, 9), ("b", 1, 4)) == order(("a", -1, 9), ("b", 1, 4), value=-5) == ["b"]
