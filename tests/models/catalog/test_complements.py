"""Complements are what buyers of an item took more often than chance, soon, and of another kind."""

from __future__ import annotations

import numpy as np
import pytest

from models.catalog.complements import (
    LEAST_BUYERS,
    NOBODY,
    SMOOTH,
    WINDOW_MS,
    Bought,
    Complements,
    alike,
    fit_complements,
    likelihood_ratio,
)
from models.item import Item

LAMP, BULB, LAMP_2, MUG, PEN, RUG = range(6)
HOUR_MS = 3_600_000


def item(name: str, noun: str = "", *categories: str) -> Item:
    return Item(name, name, "", noun, categories)


ITEMS = [item(name) for name in ("tall brass lamp", "bulb E27", "short brass lamp", "mug", "pen", "rug")]


def fitted(*baskets: tuple[int, ...], apart_ms: int = HOUR_MS) -> Complements:
    rows = [
        (user, row, at * apart_ms) for user, basket in enumerate(baskets) for at, row in enumerate(basket)
    ]
    user, row, ts = np.array(rows, np.int64).T
    return fit_complements(Bought(user, row, ts), ITEMS)


def of(found: Complements, row: int) -> list[int]:
    return [each for each in found.rows[row].tolist() if each != NOBODY]


LAMPS_WITH_BULBS = [(LAMP, BULB)] * 8
OTHERS = [(PEN,), (RUG,), (MUG,)] * 10


def test_what_is_bought_together_goes_together_both_ways_with_the_share_of_buyers() -> None:
    found = fitted(*LAMPS_WITH_BULBS, (LAMP, PEN), (LAMP,), *OTHERS)
    assert of(found, LAMP) == [BULB] and of(found, BULB) == [LAMP]
    assert found.shares[LAMP, 0] == pytest.approx(8 / (10 + SMOOTH))
    assert found.shares[BULB, 0] == pytest.approx(8 / (8 + SMOOTH))
    assert of(found, RUG) == [] and found.shares[RUG].max() == 0


def test_what_everybody_buys_goes_with_nothing() -> None:
    found = fitted(*[(one, MUG) for one in (LAMP, BULB, PEN, RUG)] * 10)
    assert all(of(found, row) == [] for row in range(len(ITEMS)))


def test_what_else_one_could_have_bought_is_no_complement() -> None:
    found = fitted(*[(LAMP, LAMP_2, BULB)] * 8, *OTHERS)
    assert of(found, LAMP) == [BULB] and set(of(found, BULB)) == {LAMP, LAMP_2}
    assert alike(item("a", "lamp"), item("b", "Lamp")) and not alike(item("a", "lamp"), item("a", "shade"))
    assert alike(item("a", "", "home", "lamps"), item("b", "lamp", "home", "lamps"))
    assert alike(item("red kitchen scales"), item("IVORY kitchen scales"))
    assert not alike(item("red spotted plate"), item("red spotted cup")), "of one set"
    assert not alike(item("brass lamp"), item("bulb for a brass lamp, E27"))


def test_things_of_one_kind_are_known_in_the_plural_and_in_other_colours() -> None:
    for one, other in (("mug", "mugs"), ("Tasche", "Taschen"), ("Ring", "Ringe"), ("berry", "Berries")):
        assert alike(item("a", one), item("b", other)), other
    for one, other in (("Tasche rot", "Tasche blau"), ("红色手提包", "蓝色手提包")):
        assert alike(item(one), item(other)), other
    assert not alike(item("红色手提包"), item("红色雨伞")) and not alike(item("red"), item("blue"))
    assert not alike(item("a", "mug"), item("b", "rug"))


def test_lines_of_a_long_order_are_paired_wherever_they_stand_in_the_catalogue() -> None:
    items, length = [item(f"thing {row}", f"n{row}") for row in range(30)], 27
    together = [(user, row, user) for user in range(40) for row in range(length)]
    alone = [(40 + user, 27 + user % 3, user) for user in range(200)]
    user, row, ts = np.array(together + alone, np.int64).T
    found = fit_complements(Bought(user, row, ts), items)
    assert (found.rows[:length] != NOBODY).all()
    of_first = found.shares[0].tolist()
    assert min(of_first) > 0.7 * 40 / (40 + SMOOTH)
    pairs = {(one, other) for one in range(length) for other in found.rows[one].tolist()}
    assert any(abs(one - other) > 20 for one, other in pairs), "more than NEIGHBOURS rows apart"


def test_a_few_buyers_or_one_who_buys_again_and_again_are_no_proof() -> None:
    few = fitted(*[(LAMP, BULB)] * (LEAST_BUYERS - 1), *OTHERS)
    again = fitted((LAMP, BULB) * 20, *OTHERS)
    assert of(few, LAMP) == of(again, LAMP) == []


def test_purchases_far_apart_do_not_belong_together() -> None:
    assert of(fitted(*LAMPS_WITH_BULBS, *OTHERS, apart_ms=WINDOW_MS), LAMP) == [BULB]
    assert of(fitted(*LAMPS_WITH_BULBS, *OTHERS, apart_ms=WINDOW_MS + 1), LAMP) == []


def test_the_ratio_is_dunnings() -> None:
    def by_hand(both: int, one: int, other: int, users: int) -> float:
        cells = {
            (both, one, other), (one - both, one, users - other), (other - both, users - one, other),
            (users - one - other + both, users - one, users - other),
        }  # fmt: skip
        return 2 * sum(n * np.log(n * users / (row * column)) for n, row, column in cells if n)

    found = likelihood_ratio(np.array([8, 2]), np.array([10, 10]), np.array([8, 20]), 100)
    assert found.tolist() == pytest.approx([by_hand(8, 10, 8, 100), by_hand(2, 10, 20, 100)], abs=1e-9)


def test_without_purchases_nothing_goes_with_anything() -> None:
    nothing = np.zeros(0, np.int64)
    found = fit_complements(Bought(nothing, nothing, nothing), ITEMS)
    assert (found.rows == NOBODY).all() and found.rows.shape[0] == len(ITEMS)
