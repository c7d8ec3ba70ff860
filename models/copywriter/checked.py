"""A text while it is written: whether the next piece keeps every number, name and term within what the brief
supports. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from models.brief.brief import Brief, language_of
from models.brief.facts import UNSPACED_LANGUAGES, Facts, facts_of, is_name, is_numeric
from models.brief.terms import BOUNDARY, Terms, terms_of
from models.rules import load_rules
from models.text.scripts import is_unspaced

_FORBIDDEN: Final = frozenset("<>{}[]|\\`*_~^#@=/★☆✓✔►▶■●♥❤")
_ENDS: Final = frozenset(".!?:…")
_OPENERS: Final = frozenset('。！？："“„(「')
_ENDS_OR_OPENERS: Final = _ENDS | _OPENERS
MONEY: Final = (
    "dollar", "dollars", "euro", "euros", "pounds", "cent", "cents", "percent", "usd", "eur", "gbp", "chf",
    "cny", "rmb",
    "prozent", "元", "块钱", "折", "百分",
)  # fmt: skip
"""Words that make a number a price or a share."""


@lru_cache(maxsize=65_536)
def is_forbidden(char: str) -> bool:
    """Whether a character is of markup, links, control or decoration, or looks like one: it never stands in
    copy."""
    return not char.isprintable() or not _FORBIDDEN.isdisjoint(unicodedata.normalize("NFKC", char))


_BAD, _LETTER, _UNSPACED, _NUMERIC, _SPACE = 1, 2, 4, 8, 16


@lru_cache(maxsize=65_536)
def _kind(char: str) -> int:
    """What a character is, as bits."""
    letter = char.isalpha() or unicodedata.category(char)[0] == "M"
    return (
        _BAD * is_forbidden(char)
        + _LETTER * letter
        + _UNSPACED * is_unspaced(char)
        + _NUMERIC * is_numeric(char)
        + _SPACE * char.isspace()
    )


class CheckedState(NamedTuple):
    """Where a text stands: its last two characters, the open number, the open word, whether it opens a
    sentence and looks like a name, terms begun.
    """

    tail: str = ""
    run: str = ""
    word: str = ""
    first: bool = True
    named: bool = False
    banned: int = 0
    avoided: int = 0


@dataclass(frozen=True)
class Checker:
    """The rules one brief's copy is written by."""

    facts: Facts
    banned: Terms
    never: frozenset[str]
    avoided: Terms

    def begun(self) -> CheckedState:
        """The state of an empty field."""
        return CheckedState(banned=self.banned.begun(), avoided=self.avoided.begun())

    def after(self, state: CheckedState, text: str) -> CheckedState | None:
        """The state after `text` is appended; None when it may not be."""
        banned, completed = self.banned.after(state.banned, text)
        avoided, forbidden = self.avoided.after(state.avoided, text) if self.avoided else (state.avoided, ())
        if forbidden or (
            completed and any(term in self.never or not self.facts.supports(term) for term in completed)
        ):
            return None
        if not state.run and _is_plain(text) and self.facts.language not in UNSPACED_LANGUAGES:
            return self._plain(state, text, banned, avoided)
        tail, run, word, first, named = state[:5]
        for char in text:
            kind = _kind(char)
            if kind & _BAD:
                return None
            if run and self.facts.number_goes_on(run, char):
                run += char
            elif run or kind & _NUMERIC:
                number = self._number(run, char, tail)
                if number is None:
                    return None
                run = number
            if kind & _LETTER:
                if tail[-1:] == "." and tail[:1].isalnum():
                    return None  # "shop.example"
                if word and (kind ^ _kind(word[-1])) & _UNSPACED:
                    if named and not self.facts.name_ends(word):
                        return None
                    word = ""
                first = _opens(tail) if not word else first
                word += char
                named = is_name(word, first, self.facts.language)
                if named and not self.facts.name_may_begin(word):
                    return None
            elif word:
                if named and not self.facts.name_ends(word):
                    return None
                word, named = "", False
            if not kind & _SPACE or not tail[-1:].isspace():
                tail = (tail + char)[-2:]
        return CheckedState(tail, run, word, first, named, banned, avoided)

    def _plain(self, state: CheckedState, text: str, banned: int, avoided: int) -> CheckedState | None:
        """`after` for what most tokens are: Latin letters, perhaps after a space."""
        if text[0] != " ":
            if state.tail[-1:] == "." and state.tail[:1].isalnum():
                return None
            word, first = state.word + text, state.first if state.word else _opens(state.tail)
        else:
            if state.named and not self.facts.name_ends(state.word):
                return None
            word, first = (
                text[1:],
                _opens(state.tail if state.tail[-1:].isspace() else (state.tail + " ")[-2:]),
            )
        named = is_name(word, first, self.facts.language)
        if named and not self.facts.name_may_begin(word):
            return None
        return CheckedState((state.tail + text)[-2:], "", word, first, named, banned, avoided)

    def _number(self, run: str, char: str, tail: str) -> str | None:
        """The open number after `char`, which does not go on with `run`: "" when none is open, None when
        `char` may not stand here."""
        if run and (is_numeric(char) or not self.facts.number_ends(run)):
            return None
        if not is_numeric(char):
            return ""
        follows = len(tail) == 2 and is_numeric(tail[0]) and tail[1] in ".,:/-×"
        return char if not follows and char in self.facts.number_starts else None

    def may_end(self, state: CheckedState) -> bool:
        """Whether the text may end here: no number and no name is half said."""
        return (not state.run or self.facts.number_ends(state.run)) and (
            not state.named or self.facts.name_ends(state.word)
        )

    def rest(self, state: CheckedState) -> str:
        """What is missing of the number or name at hand; "" when nothing is open."""
        if state.run and not self.facts.number_ends(state.run):
            return self.facts.number_rest(state.run)
        if state.named and not self.facts.name_ends(state.word):
            return self.facts.name_rest(state.word)
        return ""

    def refuses(self, text: str) -> bool:
        """Whether words of the row hold a term that no fact allows."""
        _, banned = self.banned.after(self.banned.begun(), text)
        return bool(self.avoided.after(self.avoided.begun(), text)[1]) or not self.never.isdisjoint(banned)

    def past(self, state: CheckedState, text: str) -> CheckedState:
        """The state after words of the row itself: they are not questioned, nor a term that they end with."""
        banned, avoided = _past(self.banned, state.banned, text), _past(self.avoided, state.avoided, text)
        return CheckedState(text[-2:], "", "", False, False, banned, avoided)


def _past(terms: Terms, state: int, text: str) -> int:
    after, _ = terms.after(state, text)
    ends_one = bool(terms.after(after, BOUNDARY)[1])
    return terms.begun() if ends_one else after


def _is_plain(text: str) -> bool:
    """Whether a text is Latin letters, perhaps after a space."""
    return text.isascii() and (text.isalpha() or (text[:1] == " " and text[1:].isalpha()))


def _opens(tail: str) -> bool:
    """Whether a sentence opens after these characters."""
    return not tail.strip() or tail[-1] in _OPENERS or (tail[-1].isspace() and tail[0] in _ENDS_OR_OPENERS)


@lru_cache(maxsize=256)
def _banned(markets: tuple[str, ...], language: str) -> tuple[Terms, frozenset[str]]:
    """Terms that the rule packs of some markets block in a language, and those that nothing allows."""
    rules = [rule for rule in load_rules(markets).rules if rule.severity == "block" and rule.reads(language)]
    never = frozenset(term for rule in rules if not rule.supported for term in rule.terms)
    return terms_of((*(term for rule in rules for term in rule.terms), *MONEY)), never


def checker_of(brief: Brief) -> Checker:
    """The rules of a brief: its facts, its market's terms and its own."""
    return Checker(facts_of(brief), *_banned(brief.markets, language_of(brief.locale)), terms_of(brief.avoid))
