"""What words say of interests: which codes the items have that carry a word, as one number per word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import IntArray
from models.event.terms import CODES_OF_TERM, SaidPiece, keys_of
from models.item import Item

LEAST_SHARE: Final = 0.15
"""Share of a word's items that must have a code for the word to speak of it: words of everything say
nothing."""
FULL: Final = 255
END: Final = 127
"""What the end of a compound says at most, which is a word of no item by itself."""

TermArray = NDArray[np.uint64]


def fit_terms(items: Sequence[Item], codes: NDArray[np.integer]) -> TermArray:
    """(2, t): hashes of the words of titles, nouns and categories in ascending order, and what each says:
    up to four pairs of a code and its share of the word's items x 255, a byte each, strongest first; 0 of a
    word that says nothing."""
    pieces, row = _pieces(items)
    found = keys_of(pieces)
    words = ~found.ends
    whole = _said(found.key[words], row[found.piece[words]], codes, FULL)
    ends = found.ends & ~np.isin(found.key, whole[0])
    return _merged(whole, _said(found.key[ends], row[found.piece[ends]], codes, END))


def with_later(
    terms: TermArray, items: Sequence[Item], codes: NDArray[np.integer], fitted_items: int
) -> TermArray:
    """`terms` and what the words say that only those of `items` have which came after the first
    `fitted_items`."""
    later = fit_terms(items[fitted_items:], codes[fitted_items:])
    return _merged(terms, later[:, ~np.isin(later[0], terms[0])])


def _pieces(items: Sequence[Item]) -> tuple[list[SaidPiece], IntArray]:
    """All that items say of themselves, and the row of each piece."""
    said = [
        (SaidPiece(item.title), SaidPiece(item.noun), *(SaidPiece(name, True) for name in item.categories))
        for item in items
    ]
    rows = np.repeat(np.arange(len(items)), [len(each) for each in said])
    return [piece for each in said for piece in each], rows


def _said(keys: TermArray, rows: IntArray, codes: NDArray[np.integer], full: int) -> TermArray:
    """(2, t) of the words `keys` (k,), which stand in the items of `rows` (k,)."""
    unique, word = np.unique(keys, return_inverse=True)
    if not len(unique):
        return np.zeros((2, 0), np.uint64)
    once = np.unique(word.astype(np.int64) * (int(rows.max()) + 1) + rows)
    word, row = np.divmod(once, int(rows.max()) + 1)
    kinds = int(codes.max()) + 1
    pairs, count = np.unique(word * kinds + codes[row], return_counts=True)
    word, code = np.divmod(pairs, kinds)
    share = count / np.bincount(word, count)[word]
    strongest = np.lexsort((code, -count, word))
    strongest = strongest[share[strongest] >= LEAST_SHARE]
    word, code, share = word[strongest], code[strongest], share[strongest]
    place = np.arange(len(word)) - np.searchsorted(word, word)
    kept = place < CODES_OF_TERM
    said = (code | np.rint(full * share).astype(np.int64) << 8) << 16 * place
    values = np.zeros(len(unique), np.uint64)
    np.bitwise_or.at(values, word[kept], said[kept].astype(np.uint64))
    return np.stack([unique, values])


def _merged(one: TermArray, other: TermArray) -> TermArray:
    both = np.concatenate([one, other], axis=1)
    return both[:, np.argsort(both[0])]
