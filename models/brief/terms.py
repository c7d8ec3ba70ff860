"""Terms that copy may not say, found while it is being written: an automaton over folded characters (Aho and
Corasick 1975)."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from models.text.normalise import fold_text
from models.text.scripts import is_unspaced

BOUNDARY: Final = " "
START: Final = 0


_FOLDED_ASCII: Final = {
    code: chr(code).lower() if chr(code).isalnum() or chr(code) == "'" else BOUNDARY for code in range(128)
}


@lru_cache(maxsize=65_536)
def folded(char: str) -> str:
    """A character as the automaton reads it: folded letters and digits, "'" as it is, anything else a
    boundary."""
    if char.isascii():
        return _FOLDED_ASCII[ord(char)]
    if char == "’":
        return "'"
    if "\u4e00" <= char <= "\u9fff":
        return char  # an ideograph: what is said below leaves it as it is
    plain = "".join(part for part in fold_text(f"a{char}")[1:] if part.isalnum())
    return plain or ("" if unicodedata.category(char) in ("Cf", "Mn") else BOUNDARY)


def _folded(text: str) -> str:
    return text.translate(_FOLDED_ASCII) if text.isascii() else "".join(map(folded, text))


def _pattern(term: str) -> str:
    """A term as the characters the automaton looks for; a script without spaces has no boundaries to look
    at."""
    pattern = "".join(folded(char) for char in fold_text(term))
    pattern = re.sub(" +", BOUNDARY, pattern).strip()
    return pattern if any(map(is_unspaced, pattern)) else BOUNDARY + pattern


@dataclass(slots=True)
class _Node:
    following: dict[str, int] = field(default_factory=dict)
    shorter: int = START  # the longest proper suffix that also begins a term
    terms: tuple[str, ...] = ()


class Terms:
    """An automaton that knows when a text ends in one of some terms, as whole words where the script has
    words."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._nodes = [_Node()]
        for term in dict.fromkeys(terms):
            self._add(term)
        self._link()
        self.after = lru_cache(maxsize=65_536)(
            self._after
        )  # few states and few tokens make up most of what is asked

    def __bool__(self) -> bool:
        """Whether there is any term to find."""
        return len(self._nodes) > 1

    def _add(self, term: str) -> None:
        pattern, at = _pattern(term), START
        if not any(char.isalpha() for char in pattern):
            return  # figures and signs are a matter of facts
        for char in pattern:
            nodes = self._nodes[at].following
            if char not in nodes:
                nodes[char] = len(self._nodes)
                self._nodes.append(_Node())
            at = nodes[char]
        self._nodes[at].terms += (term,)

    def _link(self) -> None:
        waiting = deque(self._nodes[START].following.values())
        for char, child in self._nodes[START].following.items():
            self._nodes[child].shorter = self.begun() if is_unspaced(char) else START
        while waiting:
            at = waiting.popleft()
            node = self._nodes[at]
            for char, child in node.following.items():
                shorter = self._step(node.shorter, char)
                self._nodes[child].shorter = shorter or (self.begun() if is_unspaced(char) else START)
                self._nodes[child].terms += self._nodes[self._nodes[child].shorter].terms
                waiting.append(child)

    def _step(self, at: int, char: str) -> int:
        while char not in self._nodes[at].following:
            if at == START:
                return START
            at = self._nodes[at].shorter
        return self._nodes[at].following[char]

    def begun(self) -> int:
        """State before the first character of a text."""
        return self._step(START, BOUNDARY)

    def _after(self, state: int, text: str) -> tuple[int, tuple[str, ...]]:
        """State after `text`, and the terms it completes. A term at the very end counts, though a longer word
        might still follow."""
        completed: tuple[str, ...] = ()
        nodes, spaced = self._nodes, text.isascii()
        for plain in _folded(text):
            unspaced = not spaced and is_unspaced(plain)
            if unspaced or plain in "' ":
                completed += nodes[state].terms
            state = nodes[state].following.get(plain) or (self._step(state, plain) if state else START)
            if unspaced:
                completed += nodes[state].terms
                state = state or self.begun()  # a word of another script may follow without a space
        return state, completed + self._nodes[state].terms


@lru_cache(maxsize=256)
def terms_of(terms: tuple[str, ...]) -> Terms:
    """The automaton of these terms, made once."""
    return Terms(terms)
