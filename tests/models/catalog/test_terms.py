"""Words of a catalogue speak of the codes of their items, and texts of users of what their words say."""

from __future__ import annotations

import numpy as np

from models.catalog.terms import fit_terms
from models.event.terms import codes_of_texts, term_keys
from models.item import Item
from models.kernels.lookup import Lookup


def item(number: int, title: str, noun: str) -> Item:
    return Item(f"i{number}", title, "", noun, ("Home & Garden",))


ITEMS = [
    *(item(n, f"Brass lamp no {n}", "lamp") for n in range(10)),
    *(item(n, f"Brass kettle no {n}", "kettle") for n in range(10, 14)),
    item(14, "Café chair 椅子", "chair"),
]
CODES = np.array([4] * 10 + [5] * 4 + [6])


def spoken(*texts: str) -> list[int]:
    table = Lookup(zip(*fit_terms(ITEMS, CODES).tolist(), strict=True))
    return codes_of_texts(texts, table.keys, table.values).tolist()


def test_a_word_speaks_of_the_interest_that_its_items_have() -> None:
    assert spoken("kettle", "a LAMP please", "café", "椅子", "sofa") == [5, 4, 6, 6, -1]


def test_the_rarer_word_decides_over_one_that_many_interests_share() -> None:
    assert spoken("brass", "brass kettle") == [4, 5]


def test_the_table_holds_hashes_and_shares_and_no_words() -> None:
    keys, values = fit_terms(ITEMS, CODES)
    assert keys.dtype == np.uint64 and (np.diff(keys.astype(float)) > 0).all()
    said = dict(zip(keys.tolist(), values.tolist(), strict=True))
    (brass,) = (said[key] for key in term_keys("brass"))
    assert [brass & 255, brass >> 8 & 255, brass >> 16 & 255, brass >> 24 & 255] == [4, 182, 5, 73]
    assert fit_terms([], np.zeros(0, np.int16)).shape == (2, 0)
