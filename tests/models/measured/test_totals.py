"""Totals of a cell over everything that feeds it."""

from __future__ import annotations

from models.measured.totals import Totals
from models.money import MOST_SUM


def test_totals_of_many_full_sums_can_still_be_stored() -> None:
    totals = Totals()
    for _ in range(5):
        totals.add(Totals(value={"EUR": MOST_SUM, "USD": -MOST_SUM}, cost={"EUR": MOST_SUM}))
    stored = Totals.of_bytes(totals.to_bytes())
    assert stored.value == {"EUR": MOST_SUM, "USD": -MOST_SUM} and stored.cost == {"EUR": MOST_SUM}
