"""Which rules a text may break, told by its words alone: most rules name words that what they forbid
contains, so a text without them need not be searched."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from models.text.normalise import fold_text

_WORD: Final = re.compile(r"\w+")
_BEGINNING: Final = 3
"""Letters by which a word is known whose end a term leaves open."""

Needs = tuple[tuple[frozenset[str], ...], ...]
"""A text must share a key with every set of one of the groups; a group without sets asks for nothing."""


def text_keys_of(folded: str) -> frozenset[str]:
    """The keys of a text: its words, their beginnings and its characters."""
    words = _WORD.findall(folded)
    return frozenset([*words, *(word[:_BEGINNING] + "*" for word in words), *folded])


def may_say(needs: Needs, keys: frozenset[str]) -> bool:
    """Whether a text of these keys may say what a rule forbids."""
    for group in needs:
        for one in group:
            if keys.isdisjoint(one):
                break
        else:
            return True
    return False


def telling_keys(terms: Iterable[str], substrings: bool) -> tuple[frozenset[str], ...]:
    """Keys of which a text has one wherever one of `terms` stands, as whole words unless `substrings`;
    nothing where some term tells none."""
    folded = [fold_text(term) for term in terms]
    keys = [term[:1] if substrings else _telling_key(term) for term in folded]
    return (frozenset(keys),) if all(keys) else ()


def _telling_key(term: str) -> str:
    """The longest word of a term, or the beginning of one that ends in `*`."""
    whole = [
        word for word in _WORD.finditer(term) if "*" not in term[max(word.start() - 1, 0) : word.end() + 1]
    ]
    if whole:
        return max((word.group() for word in whole), key=len)
    open_ended = [word.group() for word in _WORD.finditer(term) if term[word.end() : word.end() + 1] == "*"]
    begun = [word for word in open_ended if len(word) >= _BEGINNING and not term.startswith("*")]
    return begun[0][:_BEGINNING] + "*" if begun else ""
