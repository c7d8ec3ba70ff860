"""Words of a catalogue speak of the codes of their items, and what users say of what its words say."""

from __future__ import annotations

import numpy as np
import pytest

from models.catalog.terms import END, TermArray, fit_terms, with_later
from models.event.terms import SaidPiece, term_codes_of, term_keys
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
    return heard(fit_terms(ITEMS, CODES), *([SaidPiece(text)] for text in texts))


def heard(words: TermArray, *said: list[SaidPiece]) -> list[int]:
    table = Lookup.of(*words)
    codes: list[int] = term_codes_of(said, table.keys, table.values).tolist()
    return codes


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


OUTDOORS = [
    Item("r1", "Wanderrucksäcke 40 l", "", "", ("Outdoor > Rucksäcke groß",)),
    Item("z1", "Kuppelzelt für zwei", "", "", ("IAB8-9", "Zelte")),
    Item("s1", "红色登山靴", "", "", ("Schuhe", "483")),
    Item("t1", "Ladies' hiking boots", "", "boots", ("Schuhe",)),
]
OUTDOOR_CODES = np.array([1, 2, 3, 4])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Rucksack", 1),
        ("der Bergrucksack", 1),
        ("zelt", 2),
        ("Tunnelzelte", 2),
        ("登山靴", 3),
        ("hiking BOOT", 4),
        ("lady", 4),
        ("elt", -1),
        ("483", -1),  # a number in a text is no category
    ],
)
def test_forms_of_a_word_and_the_ends_of_compounds_speak_of_the_same(said: str, code: int) -> None:
    assert heard(fit_terms(OUTDOORS, OUTDOOR_CODES), [SaidPiece(said)]) == [code]


def test_a_category_is_known_by_its_whole_name_and_by_its_words() -> None:
    said = ["IAB8-9", "IAB8-18", "483", "OUTDOOR > Rucksäcke GROSS", "outdoor.tents"]
    found = heard(fit_terms(OUTDOORS, OUTDOOR_CODES), *([SaidPiece(name, True)] for name in said))
    assert found == [2, 2, 3, 1, 1]


def test_the_end_of_a_compound_says_less_than_a_word_of_an_item() -> None:
    words = fit_terms(OUTDOORS, OUTDOOR_CODES)
    assert heard(words, [SaidPiece("Dome sack"), SaidPiece("Schuhe")], [SaidPiece("sack boots")]) == [3, 4]
    said = dict(zip(*words.tolist(), strict=True))
    (sack,) = term_keys("sack")
    assert said[sack] == 1 | END << 8


def test_words_that_only_later_items_have_speak_of_these_and_known_words_of_what_they_did() -> None:
    items = [*ITEMS, item(15, "Brass samovars no 15", "samovar"), item(16, "Brass samovar no 16", "")]
    codes = np.array([*CODES, 7, 7])
    words = with_later(fit_terms(ITEMS, CODES), items, codes, len(ITEMS))
    assert (np.diff(words[0].astype(float)) > 0).all()
    asked = ("samovar", "kettle", "brass", "garden")
    assert heard(words, *([SaidPiece(each)] for each in asked)) == [7, 5, 4, 4]
    assert heard(fit_terms(ITEMS, CODES), [SaidPiece("samovar")]) == [-1]


def test_what_says_nothing_stays_silent_when_later_items_have_it_too() -> None:
    many = [item(n, f"Thing number {n}", f"noun{n}") for n in range(10)]
    codes = np.arange(10)
    words = with_later(fit_terms(many, codes), [*many, item(10, "Thing", "teapot")], np.arange(11), 10)
    assert heard(words, [SaidPiece("thing")], [SaidPiece("teapots")]) == [-1, 10]
