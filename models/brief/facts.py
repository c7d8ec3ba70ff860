"""What a brief and its row support: the only numbers, prices and names that copy may spell out, character by
character."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import regex

from models.brief.brief import Brief, language_of
from models.brief.price import percent_text, price_texts, saving_percent
from models.brief.quotes import quoted_words
from models.text.normalise import clean, fold_text
from models.text.scripts import LETTERS

_SIGNS: Final = frozenset("%‰№")
_EXPRESSION = regex.compile(r"[\p{Sc}%]?\s?\d+(?:[.,:/×-]?\d+)*(?:\s?[%\p{Sc}])?")
_CAPITAL_NOUNS: Final = frozenset({"de", "lb"})
UNSPACED_LANGUAGES: Final = frozenset({"zh", "ja", "th", "lo", "km", "my"})
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = "January February March April May June July August September October November December"
_FAMILY_AND_FEASTS: Final = (
    "Mum Mom Mama Dad Papa Grandma Grandpa Nan Christmas Xmas Easter Advent Halloween Hanukkah Diwali Ramadan"
    " Valentine Mother Father New Year Eve Day"
)
_NAMES_OF_ALL: Final = frozenset(
    word.lower()
    for word in (
        "I",
        *_DAYS,
        *(f"{day}s" for day in _DAYS),
        *_MONTHS.split(),
        *(f"{word}{end}" for word in _FAMILY_AND_FEASTS.split() for end in ("", "s", "'s", "’s")),
    )
)
"""Written with a capital and nobody's brand."""


def is_numeric(char: str) -> bool:
    """Whether a character is a figure, a currency sign or a sign of share, in any script; Chinese numerals
    are words."""
    if char in _SIGNS or unicodedata.category(char) == "Sc":
        return True
    return char.isnumeric() and not char.isalpha()


def is_name(word: str, first: bool, language: str) -> bool:
    """Whether a word looks like a name: a capital where the language has none; in Chinese and the like, Latin
    letters.

    `first`: it opens a sentence. German writes every noun with a capital: there only a capital inside a word
    tells.
    """
    if language in UNSPACED_LANGUAGES:
        return any("a" <= char <= "z" for char in unicodedata.normalize("NFKC", word).lower())
    inner = word[1:] if first or language in _CAPITAL_NOUNS else word
    return not inner.islower() and any(map(str.isupper, inner)) and word.casefold() not in _NAMES_OF_ALL


@dataclass(frozen=True)
class Facts:
    """Numbers as they stand in the facts, beginnings of them, and names (folded) with their beginnings."""

    numbers: frozenset[str]
    number_starts: frozenset[str]
    names: frozenset[str]
    name_starts: frozenset[str]
    everything: str
    language: str

    def number_goes_on(self, run: str, char: str) -> bool:
        """Whether `char` may stand after the figures `run` as part of the same number."""
        return run + char in self.number_starts

    def number_ends(self, run: str) -> bool:
        """Whether the figures `run` are a whole number of the facts, perhaps with marks or words after it
        that belong to none."""
        return run in self.numbers or any(
            run.startswith(each) and not any(map(is_numeric, run[len(each) :])) for each in self.numbers
        )

    def number_rest(self, run: str) -> str:
        """What is missing of the shortest number that begins with `run`; "" when there is none."""
        longer = sorted(
            (each for each in self.numbers if each.startswith(run)), key=lambda each: (len(each), each)
        )
        return longer[0][len(run) :] if longer else ""

    def name_may_begin(self, word: str) -> bool:
        """Whether a name of the facts begins with `word`."""
        return word.casefold() in self.name_starts

    def name_ends(self, word: str) -> bool:
        """Whether `word` is a name of the facts."""
        return word.casefold() in self.names

    def name_rest(self, word: str) -> str:
        """What is missing of the shortest name that begins with `word`; "" when there is none."""
        longer = sorted(
            (each for each in self.names if each.startswith(word.casefold())),
            key=lambda each: (len(each), each),
        )
        return longer[0][len(word) :] if longer else ""

    def supports(self, term: str) -> bool:
        """Whether the facts say `term` themselves."""
        return re.search(rf"(?<!\w){re.escape(fold_text(term))}(?!\w)", self.everything) is not None


def _starts(texts: frozenset[str]) -> frozenset[str]:
    return frozenset(text[:end] for text in texts for end in range(1, len(text) + 1))


@lru_cache(maxsize=1024)
def facts_of(brief: Brief) -> Facts:
    """What a brief supports. A price may be written only as the feed has it, in the way of the brief's
    language."""
    prices = price_texts(brief)
    saving = saving_percent(brief.price_minor, brief.salesprice_minor)
    saved = [] if saving is None else [percent_text(saving, brief.locale)]
    stated = [
        *brief.facts,
        *brief.claims,
        *brief.must_use,
        brief.title,
        brief.noun,
        brief.category,
        brief.brand,
        *brief.ctas,
        *quoted_words(brief),
    ]
    texts = [clean(text, 240) for text in stated]
    numbers = frozenset(
        [*prices, *saved, *(match.strip() for text in texts for match in _EXPRESSION.findall(text))]
    )
    names = frozenset(word.casefold() for text in (*texts, *prices) for word in LETTERS.findall(text))
    language = language_of(brief.locale)
    names |= frozenset() if language in UNSPACED_LANGUAGES else _NAMES_OF_ALL
    return Facts(numbers, _starts(numbers), names, _starts(names), fold_text(" \n ".join(texts)), language)
