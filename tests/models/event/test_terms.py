"""Words as they are hashed: folded, without plural endings, with the ends of compounds; at most eight
look-ups."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh3_64_intdigest

from models.event.folding import folded_words
from models.event.terms import LOOK_UPS, SaidPiece, keys_of, term_codes_of, term_keys
from models.kernels.lookup import Lookup


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tent", "TENTS"), ("backpack", "backpacks"), ("battery", "batteries"), ("box", "boxes"),
        ("dress", "dresses"), ("vase", "vases"), ("Vase", "Vasen"), ("leaf", "leaves"), ("shoe", "shoes"),
        ("movie", "movies"), ("Lampe", "Lampen"), ("Gabel", "Gabeln"),
        ("Rucksack", "Rucksäcke"), ("Übertopf", "übertopf"), ("Café", "cafe"), ("Straße", "STRASSE"),
        ("Smørrebrød", "smorrebrod"), ("Hose", "Trekkinghosen"), ("ёлка", "елка"), ("登山靴", "红色登山靴"),
        ("รองเท้า", "รองเท้าเดินป่า"),
        ("Rucksack", "Wanderrucksäcke"), ("ｔｅｎｔ", "tent"), ("“Rucksack”", "rucksack"), ("Zelt®", "Zelt"),
        ("Rucksack’s", "Rucksack's"), ("tent\u00ad", "tent"), ("เสื้อยืด", "เสื้อยืดสีขาว"),
    ],
)  # fmt: skip
def test_forms_of_one_word_have_a_key_in_common(one: str, other: str) -> None:
    assert term_keys(one) & term_keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cap", "cape"),
        ("brass", "bra"),
        ("linen", "line"),
        ("pin", "pine"),
        ("green", "great"),
        ("山", "登山"),
        ("Zelt – leicht", "Gutschein – Blumen"),
        ("Zelt 🎒", "Lampe 🎒"),
    ],
)
def test_other_words_have_none(one: str, other: str) -> None:
    assert not term_keys(one) & term_keys(other)


def test_a_thai_word_is_pairs_of_letters_with_what_stands_on_them() -> None:
    assert folded_words("เสื้อยืด").split() == ["เสื้", "สื้อ", "อยื", "ยืด"]


def expected(text: str, named: bool) -> list[tuple[int, bool]]:
    """What the kernel is to find, said in other words."""
    plain = re.sub(r"[A-Z]", lambda letter: letter[0].lower(), folded_words(text)).encode()
    found = [(b"\x01" + plain, False)] if named and 0 < len(plain) < 128 else []
    for word in re.findall(rb"[0-9a-z\x80-\xff]+", plain):
        if not 3 <= len(word) <= 64 or (named and word.isdigit()):
            continue
        ends = range(4, min(len(word) - 3, 10) + 1) if re.fullmatch(rb"[a-z]+", word) else ()
        found += [(stemmed(word[len(word) - length :]), True) for length in ends]
        found.append((stemmed(word), False))
    return [(xxh3_64_intdigest(key) or 1, end) for key, end in found]


def stemmed(word: bytes) -> bytes:
    word = re.sub(rb"(?<=..[^s])s$", b"", word) if len(word) > 3 else word
    word = re.sub(rb"(?<=.e[lr])n$", b"", word) if len(word) > 4 else word
    word = re.sub(rb"(?:(?<=....)|(?<=..[sxz]))en?$", b"", word)
    return re.sub(rb"v$", b"f", re.sub(rb"y$", b"i", word)) if len(word) > 3 else word


words = st.text(alphabet="aeilnrsvxyzSTÜéß登 >.-9", max_size=24)


@given(st.lists(st.builds(SaidPiece, st.one_of(words, st.text(max_size=140)), st.booleans()), max_size=5))
def test_the_kernel_finds_the_keys_that_the_rules_say(pieces: list[SaidPiece]) -> None:
    found = keys_of(pieces)
    told = list(zip(found.piece.tolist(), found.key.tolist(), found.ends.tolist(), strict=True))
    assert told == [
        (place, key, end) for place, (text, named) in enumerate(pieces) for key, end in expected(text, named)
    ]


def test_an_event_is_looked_up_eight_times_at_most_whole_words_before_ends() -> None:
    known = [*term_keys("tent"), *term_keys("lace")]
    table = Lookup.of(*np.array([known, [4 | 9 << 8, 5 | 9 << 8]], np.uint64))
    others = [SaidPiece(f"word{n}") for n in range(LOOK_UPS - 1)]
    said = {
        5: [SaidPiece("unlaced necklace")],  # both of its words first, then ends
        -1: [*others, SaidPiece("necklace")],
        4: [*others, SaidPiece("tents")],
    }
    late = [[*others, SaidPiece("seven"), SaidPiece("tent")], [*others, SaidPiece("tents", True)]]
    assert term_codes_of([*said.values(), *late], table.keys, table.values).tolist() == [*said, -1, -1]
